import * as fs from 'node:fs';
import { dirname } from 'node:path';

/** What the journal does with files. Every call has reached the disk's queue, and `sync` the disk, when it returns. */
export interface Disk {
  /** The contents, or null if there is no such file. */
  read(path: string): Buffer | null;
  /** Opens a file for writing at its end, and makes it if need be. */
  open(path: string): number;
  append(file: number, text: string): void;
  /** Cuts off what lies beyond `length` bytes. */
  truncate(file: number, length: number): void;
  sync(file: number): void;
  close(file: number): void;
  /** Puts `from` in the place of `to`, in one step. */
  rename(from: string, to: string): void;
  /** Makes the names in the folder of `path` last. */
  syncFolderOf(path: string): void;
  remove(path: string): void;
}

export const nodeDisk: Disk = {
  read(path) {
    try {
      return fs.readFileSync(path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
      throw error;
    }
  },
  open: (path) => fs.openSync(path, 'a', 0o600),
  append(file, text) {
    const bytes = Buffer.from(text);
    for (let done = 0; done < bytes.length; ) done += fs.writeSync(file, bytes, done);
  },
  truncate: (file, length) => fs.ftruncateSync(file, length),
  sync: (file) => fs.fdatasyncSync(file),
  close: (file) => fs.closeSync(file),
  rename: (from, to) => fs.renameSync(from, to),
  syncFolderOf(path) {
    // Windows cannot open a folder, and makes names last by itself.
    if (process.platform === 'win32') return;
    const folder = fs.openSync(dirname(path), 'r');
    try {
      fs.fsyncSync(folder);
    } finally {
      fs.closeSync(folder);
    }
  },
  remove: (path) => fs.rmSync(path, { force: true }),
};
