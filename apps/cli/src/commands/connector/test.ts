import { testConnector } from '@signalbox/runtime';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
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
  const lines = results.map((result) => {
    const { name, message, skipped } = result;
    if (skipped !== undefined) return wrapText(oneLine(`skip  ${name}: ${skipped}`), io.columns, 6);
    if (result.passed) return wrapText(`${paint.good('ok')}    ${oneLine(name)}`, io.columns, 6);
    return wrapText(`${paint.bad('FAIL')}  ${oneLine(name)}: ${oneLine(message ?? '')}`, io.columns, 6);
  });
  const failed = results.filter((result) => !result.passed).length;
  const skipped = results.filter((result) => result.skipped !== undefined).length;
  const ran = results.length - skipped;
  const verdict = passed
    ? `${id} keeps to the contract in the ${ran} cases that ran; ${skipped} need an agent to play them (docs/connectors.md).`
    : `${id} breaks the contract in ${failed} of ${ran} cases.`;
  return [...lines, '', wrapText(verdict, io.columns, 0)].join('\n');
}
