import type { Attempt } from '@signalbox/task-core';
import { RuntimeError } from '../errors.js';
import type { ProjectStore } from '../project/open-store.js';
import { type KnownWorkspace, knownWorkspaces } from './known-workspaces.js';

const ATTEMPT = 'att_';
/** Characters of an attempt's id past its prefix: what throws work away is not meant by a slip of the finger. */
const LEAST = 4;

/**
 * The workspaces that somebody means: all of a task, all of an attempt (the beginning of an id is enough, of an attempt's four
 * characters past `att_`), or the one moved aside that has this name. Throws `NOT_FOUND` and `AMBIGUOUS_ID`.
 */
export async function findWorkspaces(
  { store }: { store: Pick<ProjectStore, 'paths' | 'tasks'> },
  target: string,
): Promise<KnownWorkspace[]> {
  const known = (await knownWorkspaces(store)).filter(({ state }) => state !== 'unknown');
  const named = known.filter(({ name, task }) => name === target && name !== task?.id);
  if (named.length > 0) return named;
  const isAttempt = target.startsWith(ATTEMPT);
  const id = isAttempt ? await resolveAttempt(store, known, target) : await store.tasks.resolve(target);
  const found = known.filter(({ attempt, task }) => (isAttempt ? attempt : task)?.id === id);
  if (found.length === 0) throw noWorkspace(isAttempt ? `the attempt ${target}` : id);
  return found;
}

/** Among all attempts of their tasks, so that one that has left nothing does not lend the beginning of its id to another. */
async function resolveAttempt(
  { tasks }: Pick<ProjectStore, 'tasks'>,
  known: readonly KnownWorkspace[],
  target: string,
): Promise<string> {
  const ofTasks = [...new Set(known.flatMap(({ task }) => (task === null ? [] : [task.id])))];
  const attempts = (await Promise.all(ofTasks.map((task): Promise<Attempt[]> => tasks.attempts(task)))).flat();
  const ids = attempts.map(({ id }) => id);
  // A whole id names its attempt, also when another one goes on from there.
  if (ids.includes(target)) return target;
  const isShort = target.length < ATTEMPT.length + LEAST;
  const matches = isShort ? [] : ids.filter((id) => id.startsWith(target));
  const [id, another] = matches;
  if (id === undefined) throw noWorkspace(`the attempt ${target}`);
  if (another !== undefined) throw ambiguous(target, matches);
  return id;
}

export function noWorkspace(whose: string): RuntimeError {
  return new RuntimeError({
    code: 'NOT_FOUND',
    message: `There is no workspace of ${whose}.`,
    hint: 'See those that there are with `signalbox workspace list`.',
  });
}

function ambiguous(target: string, matches: string[]): RuntimeError {
  return new RuntimeError({
    code: 'AMBIGUOUS_ID',
    message: `"${target}" is the beginning of several ids: ${matches.join(', ')}.`,
    hint: 'Give more of it.',
    details: { matches },
  });
}
