import type { Finding, Ledger } from '@signalbox/audit';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';

/** What the ledger says of a task, last. */
interface Said {
  seq: number;
  status: string;
}

/** Kinds after which a task has always the same status. */
const STATUS_AFTER: Readonly<Record<string, string>> = {
  'task.claimed': 'claimed',
  'task.started': 'running',
  'task.completed': 'done',
  'task.failed': 'failed',
  'task.cancelled': 'cancelled',
  'task.blocked': 'blocked',
  'task.unblocked': 'queued',
  'task.requeued': 'queued',
};
/** Kinds whose data says the status; `task.requeued` does when an operator did it. */
const STATUS_IN = ['task.created', 'task.updated', 'task.requeued', 'task.expired'];

// The end of a canonical line about a task, so that most lines need not be parsed.
const TASK_LINE = /"subject":"task\/([^"\\]+)","time":"[^"]{24}","type":"dev\.signalbox\.(task\.[a-z_]+)\.v1"\}$/;
/** More than that end is long. */
const TAIL = 256;

/**
 * Holds the table of tasks against the entries, in one snapshot: each task has the status that the last entry about it gave
 * it. Only the entries are chained, and the table is what the queue goes by. Returns the first difference. Must not be called
 * inside a transaction.
 */
export function checkTasks(db: SqlDatabase, ledger: Pick<Ledger, 'lines'>): Finding | undefined {
  db.exec('BEGIN');
  try {
    const said = readStatuses(ledger);
    for (const row of db.prepare('SELECT id, status FROM task ORDER BY seq').iterate()) {
      const id = String(row['id']);
      const last = said.get(id);
      if (!last) return { kind: 'edited', reason: `The task ${id} was recorded by no entry.` };
      if (last.status !== row['status']) return contradiction(id, String(row['status']), last);
      said.delete(id);
    }
    const [gone] = said;
    if (!gone) return undefined;
    return { kind: 'missing', firstBad: gone[1].seq, reason: `The task ${gone[0]} that the ledger speaks of is gone.` };
  } finally {
    db.exec('COMMIT');
  }
}

function readStatuses(ledger: Pick<Ledger, 'lines'>): Map<string, Said> {
  const said = new Map<string, Said>();
  for (const { seq, line } of ledger.lines()) {
    const [, task, kind] = TASK_LINE.exec(line.slice(-TAIL)) ?? [];
    if (task === undefined || kind === undefined) continue;
    const status = statedIn(kind, line) ?? STATUS_AFTER[kind];
    if (status !== undefined) said.set(task, { seq, status });
  }
  return said;
}

function statedIn(kind: string, line: string): string | undefined {
  if (!STATUS_IN.includes(kind)) return undefined;
  const { data } = JSON.parse(line) as { data: { status?: unknown } };
  return typeof data.status === 'string' ? data.status : undefined;
}

function contradiction(id: string, found: string, { seq, status }: Said): Finding {
  return {
    kind: 'edited',
    firstBad: seq,
    reason: `The task ${id} is ${found} in the queue, and entry ${seq}, the last about it, left it ${status}.`,
  };
}
