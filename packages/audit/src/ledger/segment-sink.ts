import { createHash } from 'node:crypto';
import { closeSync, fsyncSync, mkdirSync, openSync, renameSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** A file that is there under its name only once it is whole. */
export interface Sink {
  write(text: string): void;
  /** Makes the file whole under its name, durably. */
  finish(): { bytes: number; digest: string };
  discard(): void;
}

/** Begins to write `file` in `folder`, which is made if need be. */
export function createSink(folder: string, file: string): Sink {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const temp = join(folder, `${file}.part`);
  const handle = openSync(temp, 'w', 0o600);
  const hasher = createHash('sha256');
  let bytes = 0;
  let isOpen = true;
  const closeOnce = (): void => {
    if (isOpen) closeSync(handle);
    isOpen = false;
  };
  return {
    write(text) {
      const data = Buffer.from(text);
      for (let at = 0; at < data.length; ) at += writeSync(handle, data, at);
      hasher.update(data);
      bytes += data.length;
    },
    finish() {
      fsyncSync(handle);
      closeOnce();
      renameSync(temp, join(folder, file));
      syncFolder(folder);
      return { bytes, digest: `sha256:${hasher.digest('hex')}` };
    },
    discard() {
      closeOnce();
      rmSync(temp, { force: true });
    },
  };
}

/** Makes a rename survive a power cut. Windows cannot open a folder, and needs no such call. */
export function syncFolder(path: string): void {
  if (process.platform === 'win32') return;
  const folder = openSync(path, 'r');
  fsyncSync(folder);
  closeSync(folder);
}
