import { existsSync, lstatSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import type { JournalEntry } from '@signalbox/kernel';
import type { TaskStoreOptions } from '../engine/ports.js';
import { createTaskStore } from '../engine/task-store.js';
import { createMemoryTables } from '../memory/memory-tables.js';
import { createMemoryWriter } from '../memory/memory-writer.js';
import type { TaskStore } from '../store.js';
import { nodeDisk } from './disk.js';
import { openJournalFile } from './journal-file.js';
import { takeWriterLock } from './writer-lock.js';

export interface FileTaskStoreEnv extends TaskStoreOptions {
  /**
   * Is given what each operation records once it is done, before that is written. If it throws, the operation is taken back.
   * The file has the entries as well, until it is compacted. Default: nothing.
   */
  journal?: { append(entries: readonly JournalEntry[]): void };
  /** How long to wait for another process that has the file open, in milliseconds. Default 0. */
  waitMs?: number;
  /** From how many bytes on the file is compacted once it has outgrown what is in it fourfold. Default 4 MiB. */
  compactAt?: number;
}

export interface FileTaskStore extends TaskStore {
  /** Finishes what has been asked for and lets the next process in. Calling it twice is harmless. */
  close(): Promise<void>;
}

const COMPACT_AT = 4 * 1024 * 1024;

/**
 * Opens the queue in the file at `path`, which one process at a time can have open, and makes the file if there is none. All
 * of it is kept in memory; the file is a journal of the commits, each of which is on the disk before its promise resolves.
 *
 * Throws `STORE_LOCKED` while another process has it open, `STORE_DAMAGED` with the line that is not as it was written,
 * `STORE_NEWER`, and `STORE_FAILED` when the system cannot read or write it. After a write that failed every change is
 * refused with `STORE_FAILED` until the store is opened again, and after `close` with `STORE_CLOSED`.
 */
export async function openFileTaskStore(path: string, env: FileTaskStoreEnv): Promise<FileTaskStore> {
  return openAt(placeOf(path), env);
}

/** Where the file lies: under two names that lead to it, through links, there would be a lock for each. */
function placeOf(path: string): string {
  try {
    return realpathSync(path);
  } catch (error) {
    // Whatever else is wrong is said when it is opened.
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return path;
  }
  const folder = dirname(resolve(path));
  if (lstatSync(path, { throwIfNoEntry: false })?.isSymbolicLink()) return placeOf(resolve(folder, readlinkSync(path)));
  return existsSync(folder) ? join(realpathSync(folder), basename(path)) : path;
}

async function openAt(path: string, env: FileTaskStoreEnv): Promise<FileTaskStore> {
  const lock = await takeWriterLock(path, env.clock, env.waitMs ?? 0);
  try {
    const { tables, reads, log, kinds } = createMemoryTables();
    const file = openJournalFile(nodeDisk, path, kinds, env.compactAt ?? COMPACT_AT);
    const writer = createMemoryWriter(log, env.journal ?? { append: () => {} }, file);
    const store = createTaskStore({ tables, reads, writer, journal: writer.sink }, env);
    let closing: Promise<void> | null = null;
    const close = async (): Promise<void> => {
      await writer.idle();
      file.close();
      lock.release();
    };
    return {
      ...store,
      close: () => {
        closing ??= close();
        return closing;
      },
    };
  } catch (error) {
    lock.release();
    throw error;
  }
}
