import type { Finding, Ledger } from '@signalbox/audit';
import { canonicalJson, type JsonObject } from '@signalbox/kernel';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import { parseRecord } from './parse-record.js';

/** What the ledger says of a task, last. */
interface Said {
  seq: number;
  status: string;
  spec: Partial<Spec>;
  /** The last entry that said something of the spec. */
  specSeq: number;
}

/** What a task is to do and how that is checked: nobody may change it but by an entry. */
type Spec = Record<(typeof SPEC_FIELDS)[number], string>;
const SPEC_FIELDS = ['title', 'description', 'type', 'run', 'checks'] as const;
/** As the row leaves out what was not asked for. */
const UNASKED: JsonObject = { description: '', run: null, checks: [] };

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
const SPEC_IN = ['task.created', 'task.updated'];
const STATUS_IN = ['task.created', 'task.updated', 'task.requeued', 'task.expired'];

// The end of a canonical line about a task, so that most lines need not be parsed.
const TASK_LINE = /"subject":"task\/([^"\\]+)","time":"[^"]{24}","type":"dev\.signalbox\.(task\.[a-z_]+)\.v1"\}$/;
/** More than that end is long. */
const TAIL = 256;

/**
 * Holds the table of tasks against the entries, in one snapshot: each task has the status and the spec that the last entries about it
 * gave it. Only the entries are chained, and the table is what the queue goes by. Returns the first difference. Must not be called
 * inside a transaction.
 */
export function checkTasks(db: SqlDatabase, ledger: Pick<Ledger, 'lines'>): Finding | undefined {
  db.exec('BEGIN');
  try {
    const said = readStatuses(ledger);
    for (const row of db.prepare('SELECT id, status, spec FROM task ORDER BY seq').iterate()) {
      const id = String(row['id']);
      const last = said.get(id);
      if (!last) return { kind: 'edited', reason: `The task ${id} was recorded by no entry.` };
      if (last.status !== row['status']) return contradiction(id, String(row['status']), last);
      const changed = changedField(String(row['spec']), last.spec);
      if (changed !== undefined) return respecified(id, changed, last);
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
    const data = STATUS_IN.includes(kind) ? (JSON.parse(line) as { data: JsonObject }).data : {};
    const status = typeof data['status'] === 'string' ? data['status'] : STATUS_AFTER[kind];
    if (status === undefined) continue;
    const before = said.get(task);
    const fields = SPEC_IN.includes(kind) ? SPEC_FIELDS.filter((field) => data[field] !== undefined) : [];
    const spec = { ...before?.spec, ...Object.fromEntries(fields.map((field) => [field, canonicalJson(data[field])])) };
    said.set(task, { seq, status, spec, specSeq: fields.length > 0 || !before ? seq : before.specSeq });
  }
  return said;
}

/** The first field of a stored spec that is not what the entries said. What none of them said is not judged. */
function changedField(stored: string, said: Partial<Spec>): string | undefined {
  const spec: JsonObject = { ...UNASKED, ...parseRecord(stored) };
  return SPEC_FIELDS.find((field) => said[field] !== undefined && said[field] !== canonicalJson(spec[field] ?? null));
}

function respecified(id: string, field: string, { specSeq }: Said): Finding {
  return {
    kind: 'edited',
    firstBad: specSeq,
    reason: `The task ${id} has other words under ${field} than entry ${specSeq}, the last about what it is to do, recorded.`,
  };
}

function contradiction(id: string, found: string, { seq, status }: Said): Finding {
  return {
    kind: 'edited',
    firstBad: seq,
    reason: `The task ${id} is ${found} in the queue, and entry ${seq}, the last about it, left it ${status}.`,
  };
}
