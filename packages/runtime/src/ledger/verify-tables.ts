import type { Finding, Ledger } from '@signalbox/audit';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { checkAIs } from './verify-ais.js';
import { checkEvidence } from './verify-evidence.js';
import { checkPolicyRecords } from './verify-policy-records.js';
import { checkTasks } from './verify-tasks.js';

/** What it shows that {@link checkTables} finds nothing. */
export const TABLES_AGREE =
  'Every task has the status, words and checks that the entries give it; the tables of AIs, evidence, approvals and overrides are what they recorded.';

/**
 * Holds the tables that were written together with the log against it. Returns the first difference. What the entries do not
 * repeat, such as the fence of a task, cannot be compared. Must not be called inside a transaction.
 */
export function checkTables(db: SqlDatabase, ledger: Ledger): Finding | undefined {
  return checkEvidence(db, ledger) ?? checkTasks(db, ledger) ?? checkAIs(db, ledger) ?? checkPolicyRecords(db, ledger);
}
