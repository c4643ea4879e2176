import { type LedgerReport, type VerifierKey, verifyExportFile } from '@signalbox/audit';

/**
 * Checks an export on its own, as an outsider does: nothing but the file is needed. With `keys`, one of them must have signed
 * it, or have been handed on to the key that has.
 */
export function verifyLedgerFile(path: string, keys: readonly VerifierKey[] = []): LedgerReport {
  const [first, ...others] = keys;
  let report = verifyExportFile(path, first ? { verifier: first } : {});
  for (const verifier of others) {
    if (report.ok) return report;
    const other = verifyExportFile(path, { verifier });
    if (other.ok) report = other;
  }
  return report;
}
