import { TaskError } from '../errors.js';
import type { Reads } from './ports.js';

export function resolveId(reads: Pick<Reads, 'idsWithPrefix'>, prefix: string): string {
  const full = prefix.startsWith('tsk_') ? prefix : `tsk_${prefix}`;
  // Nothing is no prefix: a script's unset variable must not name the only task there is.
  const [id, another] = full === 'tsk_' ? [] : reads.idsWithPrefix(full);
  if (id === undefined) {
    throw new TaskError({
      code: 'NOT_FOUND',
      message: `There is no task "${prefix.slice(0, 80)}".`,
      hint: 'List the tasks with `signalbox task list`.',
    });
  }
  // A whole id names its task, also when another one goes on from there.
  if (another === undefined || id === full) return id;
  throw new TaskError({
    code: 'AMBIGUOUS_ID',
    message: `More than one task begins with ${prefix}.`,
    hint: 'Give more of the id.',
    details: { matches: [id, another] },
  });
}
