import type { Attempt, ProjectStore, Task } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import { CliError } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { safeCopy } from '../../terminal/safe-text.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { describeTask } from './describe.js';

export async function show(io: Io, prefix: string, options: CommonOptions): Promise<void> {
  const found = await withStore(io, options, async (store) => {
    const id = await store.tasks.resolve(prefix);
    const task = await store.tasks.get(id);
    if (!task) throw new CliError({ code: 'NOT_FOUND', message: `There is no task ${prefix}.` });
    const evidence = await store.evidence.list({ task: id });
    const reverted = task.status === 'done' ? revertOf(store, id) : null;
    const told: Task & { reverted?: Revert } = reverted === null ? task : { ...task, reverted };
    return { task: told, attempts: await store.tasks.attempts(id), evidence: evidence.length };
  });
  print(io, options, found.task, (task) => {
    const attempts = safeCopy(found.attempts);
    const sections = [describeTask(task, io)];
    if (task.reverted) {
      const { by, at, reverted, commit } = task.reverted;
      const what = `Taken back by ${by} at ${at}: ${commit.slice(0, 12)} undoes ${reverted.slice(0, 12)} on the integration branch.`;
      sections.push(wrapText(what, io.columns, 2));
    }
    if (task.description.trim() !== '') sections.push(task.description.trim());
    if (attempts.length > 0) {
      const told = attempts.map(describeAttempt).join('\n');
      sections.push(wrapText(told, io.columns, 2));
    }
    if (found.evidence > 0)
      sections.push(`${counted(found.evidence, 'piece')} of evidence: signalbox evidence show ${task.id}`);
    return sections.join('\n\n');
  });
}

/** That what had landed was taken back: by which commit, when and by whom. */
interface Revert {
  commit: string;
  reverted: string;
  at: string;
  by: string;
}

function revertOf({ ledger }: ProjectStore, task: string): Revert | null {
  const [entry] = ledger.read({ task, kind: 'landing.reverted', newestFirst: true, limit: 1 });
  if (!entry) return null;
  const { commit, reverted } = entry.data;
  return { commit: String(commit), reverted: String(reverted), at: entry.time, by: entry.actor };
}

function describeAttempt(attempt: Attempt): string {
  const how = attempt.outcome ?? 'under way';
  const why = attempt.failure ? `: ${attempt.failure.class}: ${attempt.failure.message.split('\n')[0]}` : '';
  return `attempt ${attempt.number} by ${attempt.ai ?? 'hand'} (${attempt.id}), started ${attempt.startedAt}, ${how}${why}`;
}
