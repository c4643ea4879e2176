import { replayAll, replayRecorded } from '@signalbox/runtime';
import { withStore } from '../../context.js';
import { usage } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

type Failed = Exclude<ReturnType<typeof replayRecorded>['result'], { status: 'agrees' }>;

export async function replay(
  io: Io,
  id: string | undefined,
  options: CommonOptions & { all?: boolean },
): Promise<number> {
  if (options.all) return replayEvery(io, options);
  if (id === undefined)
    throw usage('Which decision?', 'Name one from `signalbox policy decisions list`, or give --all.');
  const { record, result } = await withStore(io, options, async (store) => replayRecorded(store, id));
  print(io, options, { id: record.id, decision: record.decision, ...result }, () => {
    const said = `${record.id} says ${record.decision} (${record.reasonCode})`;
    const told =
      result.status === 'agrees'
        ? `${paintFor(io).good('Agrees')}: ${said}, byte for byte.`
        : `${said}. ${whyNot(result)}`;
    return wrapText(told, io.columns, 2);
  });
  return result.status === 'agrees' ? EXIT.done : EXIT.invalidFile;
}

async function replayEvery(io: Io, options: CommonOptions): Promise<number> {
  const report = await withStore(io, options, async (store) => replayAll(store));
  print(io, options, report, ({ decisions, failed }) => {
    const lines = failed.map((each) => wrapText(`${each.id}: ${whyNot(each.result)}`, io.columns, 2));
    return [...lines, `${decisions - failed.length} of ${decisions} decisions agree, byte for byte.`].join('\n');
  });
  return report.failed.length === 0 ? EXIT.done : EXIT.invalidFile;
}

function whyNot(result: Failed): string {
  switch (result.status) {
    case 'differs':
      return `Taken again it differs in ${result.fields.join(', ')}: now it says ${result.again.decision} (${result.again.reasonCode}).`;
    case 'incomplete':
      return `It cannot be taken again: ${result.missing.join(', ')} is no longer there.`;
    case 'invalid':
      return `What is recorded is no decision: ${result.problems.join('; ')}`;
    case 'other-engine':
      return 'It was made by another engine, and cannot be taken again by this one.';
  }
}
