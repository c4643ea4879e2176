import { openBlobStore } from '@signalbox/runtime';
import type { Evidence } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { oneLine } from '../../terminal/safe-text.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { describeDoubts, describeEvidence } from '../task/describe-execution.js';

export async function show(io: Io, prefix: string, options: CommonOptions & { content?: string }): Promise<void> {
  await withStore(io, options, async (store) => {
    // A piece by its own id is what the list leads one to type.
    const content = options.content ?? (prefix.startsWith('evd_') ? prefix : undefined);
    const task = content === prefix ? '' : await store.tasks.resolve(prefix);
    if (content !== undefined) {
      const item = await store.evidence.get(content);
      const bytes = await openBlobStore(store.paths.blobs).get(item.digest);
      const text = Buffer.from(bytes).toString('utf8');
      // In a file or a pipe it is what was collected, to the byte: a patch must apply.
      print(io, options, { ...item, content: text }, ({ content }) => (io.isTerminal ? content : text));
      return;
    }
    const evidence = await store.evidence.list({ task });
    print(io, options, { task, evidence }, (told) => describe(told.task, told.evidence, io));
  });
}

function describe(task: string, evidence: readonly Evidence[], io: Io): string {
  if (evidence.length === 0) return 'There is no evidence yet.';
  const paint = paintFor(io);
  const lines = evidence.flatMap((item) => {
    const line = `${item.id}  ${item.kind.padEnd(11)} ${describeEvidence(item)}  ${paint.dim(item.at)}`;
    const doubts = describeDoubts(item).map((doubt) => `    ${paint.warn(doubt)}`);
    return [line, ...doubts].map((each) => wrapText(oneLine(each), io.columns, 4));
  });
  const last = evidence.at(-1)?.id;
  const diff = evidence.some(({ kind }) => kind === 'diff') ? `; the change: \`signalbox task diff ${task}\`` : '';
  const how = `One in full: \`signalbox evidence show ${last}\`${diff}.`;
  return [...lines, paint.dim(wrapText(how, io.columns, 2))].join('\n');
}
