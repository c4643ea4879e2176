import { TaskError } from '../errors.js';
import type { TaskPatch, UpdateOutcome } from '../store.js';
import { isTerminal, type TaskSpec } from '../task.js';
import { isMet, placeAbove } from './needs.js';
import { assertLocks } from './path-locks.js';
import { put, rankOf } from './put.js';
import type { TaskRecord } from './record.js';
import { addNeeds, type Told, tellOthers } from './settle.js';
import type { Need, Tables } from './tables.js';
import { mustFind, toTask, wrongState } from './view.js';
import { failForNeed, wakeIfFree } from './wake.js';

/** What may still be changed while somebody works on the task, or after it has ended: nothing that the work rests on. */
const ALWAYS: ReadonlySet<string> = new Set(['labels', 'metadata', 'priority']);

export function updateTask(
  tables: Tables,
  id: string,
  patch: TaskPatch,
  expectedVersion: number | undefined,
  now: number,
): UpdateOutcome {
  const record = mustFind(tables, id);
  if (expectedVersion !== undefined && expectedVersion !== record.version) {
    return { status: 'stale', task: toTask(tables, record) };
  }
  assertAllowed(record, patch);
  assertLocks(patch.locks ?? []);
  const before = record.spec;
  const { addNeeds: added = [], removeNeeds: removed = [], ...fields } = patch;
  record.spec = { ...before, ...fields } as TaskSpec;
  dropNeeds(tables, record, removed);
  addNeeds(tables, record, added);
  if (before.onNeedFailure !== record.spec.onNeedFailure) recount(tables, record);
  if (fields.notBefore !== undefined) {
    record.notBefore = fields.notBefore === null ? null : Date.parse(fields.notBefore);
  }
  const notBefore = record.spec.notBefore === null ? null : Date.parse(record.spec.notBefore);
  record.rank = rankOf({ createdAt: record.createdAt, notBefore, priority: record.spec.priority });
  tables.saveSpec(record);
  const judged = added.length > 0 || before.onNeedFailure !== record.spec.onNeedFailure;
  const ended = judged ? failedNeed(tables, record) : undefined;
  const told = ended ? failNow(tables, record, ended, now) : rearrange(tables, record, now);
  return { status: 'updated', task: toTask(tables, record), ...told };
}

function assertAllowed(record: TaskRecord, patch: TaskPatch): void {
  const fields = Object.keys(patch).filter((field) => !ALWAYS.has(field));
  if (fields.length === 0 || record.status === 'queued' || record.status === 'blocked') return;
  const hint = isTerminal(record.status)
    ? 'Create a new task, or retry it first if it failed.'
    : 'Requeue it first, which ends the attempt, or wait until it has ended.';
  throw wrongState(record, `its ${fields.join(', ')} cannot be changed now`, hint);
}

function dropNeeds(tables: Tables, record: TaskRecord, removed: readonly string[]): void {
  for (const need of removed) {
    if (!record.spec.needs.includes(need)) {
      throw new TaskError({
        code: 'UNKNOWN_NEED',
        message: `${record.id} does not need ${need.slice(0, 80)}.`,
        hint: `See what it needs with \`signalbox task show ${record.id}\`.`,
        details: { need },
      });
    }
    const edge = tables.needsOf(record.id).find((each) => each.need === need);
    tables.removeNeed(record.id, need);
    if (edge && !edge.met) record.unmet -= 1;
    record.spec = { ...record.spec, needs: record.spec.needs.filter((each) => each !== need) };
  }
}

function recount(tables: Tables, record: TaskRecord): void {
  record.unmet = 0;
  for (const { need, status, met: wasMet } of tables.needsOf(record.id)) {
    const met = isMet(status, record.spec.onNeedFailure);
    // A need that was counted off has not been in its place since: it may have come to need this task itself.
    if (wasMet && !met) placeAbove(tables, record, mustFind(tables, need));
    tables.addNeed(record.id, need, met);
    if (!met) record.unmet += 1;
  }
}

/** A need by whose end the task is to fail as well, and nobody will tell it of that any more. */
function failedNeed(tables: Tables, { id, status, spec }: TaskRecord): Need | undefined {
  if (spec.onNeedFailure !== 'fail' || (status !== 'queued' && status !== 'blocked')) return undefined;
  return tables.needsOf(id).find((need) => need.status === 'failed' || need.status === 'cancelled');
}

function failNow(tables: Tables, record: TaskRecord, { need, status }: Need, now: number): Told {
  failForNeed(record, need, status, now);
  tables.dropWaits(record.id);
  put(tables, record, now);
  const { woken, failed } = tellOthers(tables, record, now);
  return { woken, failed: [toTask(tables, record), ...failed] };
}

/** Brings the state in line with the new needs, locks and delay. Returns who may go on because of it. */
function rearrange(tables: Tables, record: TaskRecord, now: number): Told {
  if (record.status !== 'queued' && record.status !== 'blocked') {
    put(tables, record, now);
    return { woken: [], failed: [] };
  }
  // It looks at its locks afresh when it is claimed.
  tables.dropWaits(record.id);
  record.status = 'blocked';
  if (!wakeIfFree(tables, record, now)) put(tables, record, now);
  return tellOthers(tables, record, now);
}
