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

// The end of a canonical line: so much can be told without parsing it.
const TASK_LINE = /"type":"dev\.signalbox\.(task\.[a-z_]+)\.v1"\}$/;

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
    const kind = TASK_LINE.exec(line.slice(-64))?.[1];
    if (kind === undefined || !(kind in STATUS_AFTER || STATUS_IN.includes(kind))) continue;
    const { subject, data } = JSON.parse(line) as { subject: string; data: { status?: unknown } };
    const stated = STATUS_IN.includes(kind) && typeof data.status === 'string' ? data.status : undefined;
    const status = stated ?? STATUS_AFTER[kind];
    if (status !== undefined) said.set(subject.slice('task/'.length), { seq, status });
  }
  return said;
}

function contradiction(id: string, found: string, { seq, status }: Said): Finding {
  return {
    kind: 'edited',
    firstBad: seq,
    reason: `The task ${id} is ${found} in the queue, and entry ${seq}, the last about it, left it ${status}.`,
  };
}
