import { SignalboxError } from '@signalbox/kernel';

export type CliErrorCode = 'USAGE' | 'CHECKS_FAILED' | 'INTERRUPTED' | 'NOT_FOUND';

export class CliError extends SignalboxError<CliErrorCode> {}

export function usage(message: string, hint: string): CliError {
  return new CliError({ code: 'USAGE', message, hint });
}
