import { messageOf } from '@signalbox/kernel';
import { AuditError } from '../../errors.js';

/** The error for what cannot be looked at. `what` has no full stop. */
export function failed(what: string, hint: string, cause?: unknown): AuditError {
  const why = cause === undefined ? '' : `: ${messageOf(cause).split('\n')[0] ?? ''}`;
  return new AuditError({
    code: 'COLLECT_FAILED',
    message: `${what}${why}.`,
    hint,
    ...(cause === undefined ? {} : { cause }),
  });
}
