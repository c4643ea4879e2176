import { messageOf } from '@signalbox/kernel';
import { TaskError } from '../errors.js';

export function damaged(path: string, line: number, what: string): TaskError {
  return new TaskError({
    code: 'STORE_DAMAGED',
    message: `${path} is damaged: line ${line} ${what}.`,
    hint: 'Move the file away and restore a backup; nothing was changed.',
    details: { path, line },
  });
}

export function newer(path: string, line: number, found: number, known: number): TaskError {
  return new TaskError({
    code: 'STORE_NEWER',
    message: `${path} was written by a newer version (line ${line} has format ${found}, this version knows ${known}).`,
    hint: 'Install the version that wrote it; nothing was changed.',
    details: { path, line, found, known },
  });
}

export function failed(path: string, cause: unknown): TaskError {
  return new TaskError({
    code: 'STORE_FAILED',
    message: `${path} could not be read or written: ${messageOf(cause)}.`,
    hint: 'See to the disk, then open the store again; it has everything that was confirmed.',
    cause,
  });
}

export function closed(path: string): TaskError {
  return new TaskError({
    code: 'STORE_CLOSED',
    message: `${path} has been closed.`,
    hint: 'Open the store again.',
  });
}

export function locked(path: string, pid: number, host: string): TaskError {
  return new TaskError({
    code: 'STORE_LOCKED',
    message: `${path} is in use by process ${pid} on ${host}.`,
    hint: `Wait until that process has closed it; if ${host} is gone for good, delete ${path}.lock.`,
    details: { path, pid, host },
  });
}
