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
  return {
    path,
    remove: () => rmSync(path, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}
