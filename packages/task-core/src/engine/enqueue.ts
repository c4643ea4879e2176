import { digestOf } from '@signalbox/kernel';
import { TaskError } from '../errors.js';
import type { CreateOutcome } from '../store.js';
import type { TaskSpec } from '../task.js';
import { findNeeds, isMet } from './needs.js';
import { assertLocks } from './path-locks.js';
import { isReady, rankOf, wakeTime } from './put.js';
import type { NewTaskRecord, TaskRecord } from './record.js';
import type { Tables } from './tables.js';
import { toTask } from './view.js';
import { failForNeed } from './wake.js';

export interface Origin {
  id: string;
  now: number;
  createdBy: string;
  ended?: 'done' | 'failed' | 'cancelled' | undefined;
}

export function enqueueTask(tables: Tables, spec: TaskSpec, at: Origin): CreateOutcome {
  // The digest is only ever compared for tasks with a key.
  const specDigest = spec.idempotencyKey === null ? null : digestOf(spec);
  const earlier = spec.idempotencyKey === null ? undefined : tables.findByKey(spec.idempotencyKey);
  if (earlier) {
    if (earlier.specDigest !== specDigest) throw mismatch(String(spec.idempotencyKey), earlier.id);
    return { created: false, task: toTask(tables, earlier) };
  }
  assertLocks(spec.locks);
  const needs = findNeeds(tables, at.id, [...new Set(spec.needs)]);
  const draft = newRecord(spec, at, specDigest);
  const met = needs.map((need) => isMet(need.status, spec.onNeedFailure));
  draft.unmet = met.filter((each) => !each).length;
  if (draft.unmet > 0) draft.status = 'blocked';
  const ended = needs.find((need) => need.status === 'failed' || need.status === 'cancelled');
  if (at.ended) {
    draft.status = at.ended;
    draft.finishedAt = at.now;
  } else if (ended && spec.onNeedFailure === 'fail') failForNeed(draft as TaskRecord, ended.id, ended.status, at.now);
  draft.ready = isReady(draft, at.now);
  draft.wakeAt = wakeTime(draft);
  const record = tables.insertTask(draft);
  needs.forEach((need, index) => {
    tables.addNeed(at.id, need.id, met[index] === true);
  });
  return { created: true, task: toTask(tables, record) };
}

function newRecord(spec: TaskSpec, at: Origin, specDigest: string | null): NewTaskRecord {
  const notBefore = spec.notBefore === null ? null : Date.parse(spec.notBefore);
  return {
    id: at.id,
    spec,
    status: 'queued',
    rank: rankOf({ createdAt: at.now, notBefore, priority: spec.priority }),
    ready: false,
    wakeAt: null,
    notBefore,
    attempt: 0,
    unmet: 0,
    blocks: [],
    failure: null,
    version: 1,
    createdAt: at.now,
    createdBy: at.createdBy,
    updatedAt: at.now,
    startedAt: null,
    finishedAt: null,
    specDigest,
    fence: 0,
    lease: null,
  };
}

function mismatch(key: string, id: string): TaskError {
  return new TaskError({
    code: 'IDEMPOTENCY_MISMATCH',
    message: `The idempotency key "${key}" was used for ${id} with other content.`,
    hint: 'Use a new key for a new task, or send the same content again.',
    details: { task: id },
  });
}
