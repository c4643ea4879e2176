import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { checkpoints } from '../checkpoint/store.js';
import { AuditError } from '../errors.js';
import { readHead } from '../ledger/head.js';
import type { VerifierKey } from '../signing/verifier-key.js';
import type { LineToVerify } from './link.js';
import type { LedgerReport } from './report.js';
import { readTrust, type Trust } from './trust.js';
import { conclude } from './verify-ledger.js';
import { Walk } from './walk.js';

const PAGE = 512;

/**
 * Verifies the ledger of a database against its own head and checkpoints, in one snapshot while others go on writing.
 * Besides the lines it checks that the columns which serve the indexes agree with them. For `anchor` and `verifier` see
 * `verifyLedger`. Must not be called inside a transaction.
 */
export function verifyStoredLedger(
  db: SqlDatabase,
  options: { anchor?: string; verifier?: VerifierKey } = {},
): LedgerReport {
  db.exec('BEGIN');
  try {
    const trust = readTrust(checkpoints(db), options.anchor, options.verifier);
    readHeadInto(trust, db);
    const walk = new Walk(trust.roots);
    for (const line of readRows(db)) walk.step(line);
    return conclude(walk, trust, options.verifier);
  } finally {
    db.exec('COMMIT');
  }
}

/** Adds the stored head to `trust`, or to its problems when there is none to read. */
function readHeadInto(trust: Trust, db: SqlDatabase): void {
  try {
    const head = readHead(db);
    if (!head) trust.problems.push({ kind: 'edited', reason: 'The head of the ledger is gone.' });
    else {
      const { frontier } = head;
      trust.head = { size: frontier.size, root: frontier.root().toString('base64'), source: 'head' };
    }
  } catch (error) {
    if (!(error instanceof AuditError)) throw error;
    trust.problems.push({ kind: 'edited', reason: error.message });
  }
}

function* readRows(db: SqlDatabase): IterableIterator<LineToVerify> {
  const page = db.prepare('SELECT seq, kind, subject, task, line FROM ledger WHERE seq > ? ORDER BY seq LIMIT ?');
  for (let last = Number.MIN_SAFE_INTEGER; ; ) {
    const rows = page.all(last, PAGE);
    for (const row of rows) {
      const task = row['task'] === null ? null : String(row['task']);
      const columns = { kind: String(row['kind']), subject: String(row['subject']), task };
      yield { seq: Number(row['seq']), line: String(row['line']), columns };
    }
    if (rows.length < PAGE) return;
    last = Number(rows.at(-1)?.['seq']);
  }
}
