import type { Tables } from '../engine/tables.js';
import { TaskError } from '../errors.js';
import type { Attempt } from '../task.js';
import type { ChangeLog } from './change-log.js';
import { copyJson } from './copy-json.js';
import { compareText, createGroupIndex, createOrderIndex } from './indexes.js';
import { createRows } from './rows.js';

type AttemptTable = Pick<Tables, 'insertAttempt' | 'saveAttempt' | 'attemptAt' | 'attemptsSince' | 'countRunning'>;

export type AttemptRows = ReturnType<typeof createAttemptRows>;

export function createAttemptRows(log: ChangeLog) {
  const byFence = (a: Attempt, b: Attempt) => a.fence - b.fence || compareText(a.id, b.id);
  const ofTask = createGroupIndex<Attempt>((attempt) => attempt.task, byFence);
  const running = createGroupIndex<Attempt>(
    (attempt) => (attempt.outcome === null ? attempt.ai : null),
    (a, b) => compareText(a.id, b.id),
  );
  const ofAI = createGroupIndex<Attempt>(
    (attempt) => attempt.ai,
    (a, b) => compareText(b.startedAt, a.startedAt) || compareText(b.id, a.id),
  );
  // Those under way come last.
  const byEnd = (a: Attempt, b: Attempt) =>
    compareText(a.finishedAt ?? '~', b.finishedAt ?? '~') || compareText(a.id, b.id);
  const ends = createOrderIndex<Attempt>(byEnd);
  const attempts = createRows<Attempt>('attempt', (row) => row.id, log, [ofTask, running, ofAI, ends]);
  return { attempts, ofTask, running, ofAI, ends };
}

export function createAttemptTable({ attempts, ofTask, running, ends }: AttemptRows): AttemptTable {
  return {
    insertAttempt(attempt) {
      if (attempts.get(attempt.id)) throw taken(attempt.id);
      attempts.set(copyJson(attempt));
    },
    saveAttempt: (attempt) => attempts.set(copyJson(attempt)),
    attemptAt(task, fence) {
      const [found] = ofTask.groups.get(task)?.from((row) => row.fence < fence) ?? [];
      return found?.fence === fence ? copyJson(found) : undefined;
    },
    attemptsSince: (time) => [...ends.rows.from(({ finishedAt }) => endOf(finishedAt) < time)].map(copyJson),
    countRunning: (ai) => running.groups.get(ai)?.size ?? 0,
  };
}

/** Milliseconds since the epoch; later than any time for one under way. */
export function endOf(finishedAt: string | null): number {
  return finishedAt === null ? Number.POSITIVE_INFINITY : Date.parse(finishedAt);
}

function taken(id: string): TaskError {
  return new TaskError({
    code: 'ID_TAKEN',
    message: `There is an attempt ${id.slice(0, 80)} already.`,
    hint: 'Give every attempt an id of its own.',
  });
}
