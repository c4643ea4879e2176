import type { Tables } from '../engine/tables.js';
import { TaskError } from '../errors.js';
import type { Attempt } from '../task.js';
import type { ChangeLog } from './change-log.js';
import { copyJson } from './copy-json.js';
import { compareText, createGroupIndex } from './indexes.js';
import { createRows } from './rows.js';

type AttemptTable = Pick<Tables, 'insertAttempt' | 'saveAttempt' | 'attemptAt' | 'countRunning'>;

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
  const attempts = createRows<Attempt>('attempt', (row) => row.id, log, [ofTask, running, ofAI]);
  return { attempts, ofTask, running, ofAI };
}

export function createAttemptTable({ attempts, ofTask, running }: AttemptRows): AttemptTable {
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
    countRunning: (ai) => running.groups.get(ai)?.size ?? 0,
  };
}

function taken(id: string): TaskError {
  return new TaskError({
    code: 'ID_TAKEN',
    message: `There is an attempt ${id.slice(0, 80)} already.`,
    hint: 'Give every attempt an id of its own.',
  });
}
