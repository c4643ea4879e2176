import { testConnector } from '@signalbox/runtime';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { oneLine } from '../../terminal/safe-text.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

type Report = Awaited<ReturnType<typeof testConnector>>;

export async function test(io: Io, id: string, options: CommonOptions & { ai?: string }): Promise<number> {
  const report = await withSignalbox(io, options, async (box) => {
    const { ai } = options;
    const config = ai === undefined ? null : (await box.store.ais.get(await box.store.ais.resolve(ai))).config;
    return testConnector(box.executor, id, config);
  });
  print(io, options, report, (told) => describe(told, id, io));
  return report.passed ? EXIT.done : EXIT.failed;
}

function describe({ results, passed }: Report, id: string, io: Io): string {
  const paint = paintFor(io);
  const reasons = new Map<string, number>();
  for (const { skipped } of results) if (skipped !== undefined) reasons.set(skipped, (reasons.get(skipped) ?? 0) + 1);
  const skips = [...reasons].map(([reason, count]) => `skip  ${counted(count, 'case')}: ${reason}`);
  const ran = results.filter((result) => result.skipped === undefined);
  const lines = ran.map((result) => {
    const { name, message } = result;
    if (result.passed) return wrapText(`${paint.good('ok')}    ${oneLine(name)}`, io.columns, 6);
    return wrapText(`${paint.bad('FAIL')}  ${oneLine(name)}: ${oneLine(message ?? '')}`, io.columns, 6);
  });
  const failed = ran.filter((result) => !result.passed).length;
  const verdict = passed
    ? `${id} keeps to the contract in the ${ran.length} of ${results.length} cases that ran.`
    : `${id} breaks the contract in ${failed} of ${ran.length} cases.`;
  return [...lines, ...skips.map((line) => wrapText(oneLine(line), io.columns, 6)), '', verdict].join('\n');
}
