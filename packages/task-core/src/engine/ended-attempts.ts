import { TaskError } from '../errors.js';
import type { EndedFilter } from '../store.js';
import type { Attempt } from '../task.js';
import type { EndedAt, Reads } from './ports.js';

/** One page of the attempts that ended in a time. Throws `INVALID_CURSOR` for what no page ended with. */
export function listEnded(
  reads: Pick<Reads, 'endedAttempts'>,
  filter: EndedFilter,
): { attempts: Attempt[]; next: string | null } {
  const limit = Math.min(Math.max(filter.limit ?? 1_000, 1), 10_000);
  const from = filter.since === undefined ? 0 : Date.parse(filter.since);
  const to = filter.until === undefined ? Number.MAX_SAFE_INTEGER : Date.parse(filter.until);
  const after = filter.cursor === undefined ? null : readPlace(filter.cursor);
  const found = reads.endedAttempts(from, to, limit + 1, after);
  const attempts = found.slice(0, limit);
  const last = attempts.at(-1);
  const next = found.length > limit && last?.finishedAt ? `ended:${Date.parse(last.finishedAt)}:${last.id}` : null;
  return { attempts, next };
}

function readPlace(cursor: string): EndedAt {
  const [, time, id] = /^ended:(\d{1,16}):([\w.:-]{1,100})$/.exec(cursor) ?? [];
  if (time !== undefined && id !== undefined) return { time: Number(time), id };
  throw new TaskError({
    code: 'INVALID_CURSOR',
    message: `"${cursor.slice(0, 80)}" is not where a page of attempts ended.`,
    hint: 'Give the `next` of the page before.',
  });
}
