import { SignalboxError } from '@signalbox/kernel';

export type CliErrorCode = 'USAGE' | 'CHECKS_FAILED' | 'NO_DIFF' | 'INTERRUPTED' | 'NOT_FOUND' | 'FILE_EXISTS';

export class CliError extends SignalboxError<CliErrorCode> {}

export function usage(message: string, hint: string): CliError {
  return new CliError({ code: 'USAGE', message, hint });
}
