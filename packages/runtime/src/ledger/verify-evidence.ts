import type { Finding, Ledger, LedgerEntry } from '@signalbox/audit';
import { canonicalJson } from '@signalbox/kernel';
import type { SqlDatabase, SqlRow } from '@signalbox/kernel/sqlite';

const PAGE = 512;
const FIELDS = ['attempt', 'kind', 'producer', 'grade', 'tree', 'digest', 'size', 'at'] as const;

/**
 * Holds the table of evidence against the entries that recorded it, in one snapshot and page by page; only the entries are
 * chained, and the table is what is shown. Returns the first difference. Must not be called inside a transaction.
 */
export function checkEvidence(db: SqlDatabase, ledger: Ledger): Finding | undefined {
  db.exec('BEGIN');
  try {
    const find = db.prepare('SELECT * FROM evidence WHERE id = ?');
    let recorded = 0;
    for (const entry of collected(ledger)) {
      recorded += 1;
      const problem = compare(entry, find.get(String(entry.data['id'])));
      if (problem) return problem;
    }
    const rows = Number(db.prepare('SELECT count(*) AS n FROM evidence').get()?.['n']);
    return rows === recorded ? undefined : findUnrecorded(db, ledger);
  } finally {
    db.exec('COMMIT');
  }
}

function* collected(ledger: Ledger): Generator<LedgerEntry> {
  for (let after = 0; ; ) {
    const page = ledger.read({ kind: 'evidence.collected', after, limit: PAGE });
    yield* page;
    if (page.length < PAGE) return;
    after = page.at(-1)?.seq ?? after;
  }
}

function compare({ seq, subject, data }: LedgerEntry, row: SqlRow | undefined): Finding | undefined {
  const id = String(data['id']);
  if (!row) return { kind: 'missing', firstBad: seq, reason: `The evidence ${id} that entry ${seq} recorded is gone.` };
  const field = FIELDS.find((name) => row[name] !== data[name]);
  const wrong =
    field ??
    (subject !== `task/${row['task']}` ? 'task' : undefined) ??
    // Stored as canonical text, so that the same summary is the same text.
    (row['summary'] !== canonicalJson(data['summary']) ? 'summary' : undefined);
  if (wrong === undefined) return undefined;
  return {
    kind: 'edited',
    firstBad: seq,
    reason: `The ${wrong} of the evidence ${id} is not what entry ${seq} recorded.`,
  };
}

/** A row without an entry. No entry is to blame, so none is named. */
function findUnrecorded(db: SqlDatabase, ledger: Ledger): Finding {
  const known = new Set([...collected(ledger)].map(({ data }) => data['id']));
  const rows = db.prepare('SELECT id FROM evidence ORDER BY id').all();
  const row = rows.find(({ id }) => !known.has(id as string));
  return { kind: 'edited', reason: `The evidence ${row?.['id'] ?? ''} was recorded by no entry.` };
}
