import { type LedgerReport, type VerifierKey, verifyExportFile } from '@signalbox/audit';

/**
 * Checks an export on its own, as an outsider does: nothing but the file is needed. With `keys`, one of them must have signed
 * it, or have been handed on to the key that has. `anchor` is a checkpoint that somebody kept: it shows that the export goes on
 * from there. Throws audit's `CHECKPOINT_INVALID` if it is none.
 */
export function verifyLedgerFile(path: string, keys: readonly VerifierKey[] = [], anchor?: string): LedgerReport {
  const [first, ...others] = keys;
  const check = anchor === undefined ? {} : { anchor };
  let report = verifyExportFile(path, first ? { ...check, verifier: first } : check);
  for (const verifier of others) {
    if (report.ok) return report;
    const other = verifyExportFile(path, { ...check, verifier });
    if (other.ok) report = other;
  }
  return report;
}
