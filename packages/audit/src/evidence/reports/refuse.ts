import { AuditError, type AuditErrorCode } from '../../errors.js';

type ReportErrorCode = Extract<AuditErrorCode, `REPORT_${string}`>;

const HINTS: Record<ReportErrorCode, string> = {
  REPORT_MALFORMED:
    'Name the format that the file really has, and have the tool write the report to a file of its own.',
  REPORT_TRUNCATED: 'The tool was stopped before it had written everything: run it again, and let it end.',
  REPORT_TOO_LARGE: 'Split the run into several reports, or keep what tests print out of the report.',
  REPORT_FORBIDDEN: 'No test tool writes this; look at what made the file.',
  REPORT_CONTRADICTORY:
    'A report that contradicts itself proves nothing: run the tests again, and do not edit the file.',
};

/** The error for a report that is not read. `message` has no full stop. */
export function refuse(code: ReportErrorCode, message: string, cause?: unknown): AuditError {
  return new AuditError({
    code,
    message: `${message}.`,
    hint: HINTS[code],
    ...(cause === undefined ? {} : { cause }),
  });
}
