import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir {
  /** Absolute and free of symbolic links, so that it equals what a child reports as its working directory. */
  readonly path: string;
  /** Deletes the folder and everything in it. Calling it twice is harmless. */
  remove(): void;
}

/** Makes a new, empty folder in the system's temporary folder; its name starts with `prefix`. */
export function createTempDir(prefix = 'signalbox-test-'): TempDir {
  const path = mkdtempSync(join(realpathSync(tmpdir()), prefix));
  return { path, remove: () => removeTree(path) };
}

const TRIES = 100;
const PAUSE_MS = 20;

/**
 * Tried as a whole, since a process that a test has ended may write a last file: Node lists a folder once and, by `maxRetries`, only
 * tries again to delete that folder, in which the new file still is (ENOTEMPTY).
 */
function removeTree(path: string): void {
  for (let tries = 1; ; tries++) {
    try {
      rmSync(path, { recursive: true, force: true });
      return;
    } catch (error) {
      if (tries === TRIES || (error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, PAUSE_MS);
    }
  }
}
