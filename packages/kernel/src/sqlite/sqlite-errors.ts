import { KernelError, messageOf } from '../errors.js';

/** By its code alone: the errors of a native addon are of the first realm that loaded it, where `instanceof Error` is false. */
export function isSqliteError(error: unknown): boolean {
  const code = String((error as { code?: unknown } | null | undefined)?.code ?? '');
  return code.startsWith('SQLITE_') || code === 'ERR_SQLITE_ERROR';
}

/** Whether another connection's lock is in the way, which passes, rather than anything being wrong. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && /locked|busy/i.test(messageOf(error));
}

export function storeBusy(file: string, cause: unknown): KernelError {
  return new KernelError({
    code: 'STORE_BUSY',
    message: `Another process has been writing to ${file} for too long.`,
    hint: 'Try again; if it stays so, look for a signalbox process that hangs.',
    cause,
  });
}

export function unreadable(file: string, cause: unknown): KernelError {
  return new KernelError({
    code: 'STORE_UNREADABLE',
    message: `${file} cannot be read as a SQLite database: ${messageOf(cause)}.`,
    hint: 'Check its permissions; if it is damaged, move it away and restore a backup.',
    cause,
  });
}
