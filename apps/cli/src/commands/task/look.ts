import {
  createGit,
  describeWait,
  explainWait,
  type MergePrediction,
  openBlobStore,
  patchOf,
  predictMerge,
} from '@signalbox/runtime';
import { findRepository, type ProjectStore } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import { CliError } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { print } from '../../terminal/print.js';
import { oneLine } from '../../terminal/safe-text.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';
import { describeTask } from './describe.js';
import { describeDoubts } from './describe-execution.js';

export async function why(io: Io, prefix: string, options: CommonOptions): Promise<void> {
  const report = await withSignalbox(io, options, async (box) =>
    explainWait(box.executor, box.actor, await box.tasks.resolve(prefix)),
  );
  const { task, ...rest } = report;
  print(io, options, { id: task.id, status: task.status, ...rest }, ({ reasons }) =>
    [describeTask(task, io), '', ...reasons.flatMap(describeWait).map((line) => wrapText(line, io.columns, 2))].join(
      '\n',
    ),
  );
}

/** The newest change that was collected for a task, as a patch. */
export async function diff(io: Io, prefix: string, options: CommonOptions): Promise<void> {
  await withStore(io, options, async (store) => {
    const task = await store.tasks.resolve(prefix);
    const diffs = (await store.evidence.list({ task })).filter(({ kind }) => kind === 'diff');
    // What lies in submodules is evidence of its own, beside the change of the repository.
    const item = diffs.findLast(({ summary }) => summary['submodule'] === undefined) ?? diffs.at(-1);
    if (!item) throw noDiff(task);
    const text = Buffer.from(await openBlobStore(store.paths.blobs).get(item.digest)).toString('utf8');
    // In a file or a pipe it is what was collected, to the byte: a patch must apply.
    const merge = await mergeOf(store, io, task);
    print(io, options, { ...item, content: text, merge }, ({ content }) => (io.isTerminal ? content : text));
    if (options.json) return;
    const told = describeMerge(merge);
    if (told !== null) io.stderr.write(`${wrapText(oneLine(told), io.columns, 2)}\n`);
    for (const doubt of describeDoubts(item)) io.stderr.write(`${doubt}\n`);
  });
}

/** Whether the work would merge with what has landed; null outside of git. */
async function mergeOf(store: ProjectStore, io: Io, task: string): Promise<MergePrediction | null> {
  const { root } = store.paths;
  return findRepository(root) === null ? null : predictMerge(store, createGit(root, io.environment), task);
}

function describeMerge(merge: MergePrediction | null): string | null {
  if (merge?.status === 'clean') return 'It has not landed, and would merge cleanly with what has.';
  if (merge?.status !== 'conflict') return null;
  return `It has not landed, and conflicts with what has in ${merge.paths.join(', ')}.`;
}

/** The work of a task as a patch for `git am`, with its message. */
export async function patch(io: Io, prefix: string, options: CommonOptions): Promise<void> {
  await withStore(io, options, async (store) => {
    const task = await store.tasks.get(await store.tasks.resolve(prefix));
    if (!task) throw new CliError({ code: 'NOT_FOUND', message: `There is no task ${prefix}.` });
    const text = await patchOf(store, createGit(store.paths.root, io.environment), task);
    print(io, options, { task: task.id, patch: text }, (safe) => (io.isTerminal ? safe.patch : text));
  });
}

function noDiff(task: string): CliError {
  return new CliError({
    code: 'NO_DIFF',
    message: `No change has been collected for ${task}.`,
    hint: `See what there is with \`signalbox evidence show ${task}\`.`,
  });
}

/** The id of the task that a prefix names, or none for all tasks. */
export async function taskFilter(store: ProjectStore, prefix: string | undefined): Promise<{ task?: string }> {
  return prefix === undefined ? {} : { task: await store.tasks.resolve(prefix) };
}
