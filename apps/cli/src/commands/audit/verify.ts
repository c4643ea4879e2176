import { resolve } from 'node:path';
import { createLedgerService, verifyLedgerFile } from '@signalbox/runtime';
import type { LedgerReport } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { requireFile } from '../../named-file.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

export async function verify(io: Io, options: CommonOptions & { file?: string }): Promise<number> {
  const report =
    options.file === undefined
      ? await withStore(io, options, (store) => createLedgerService(store, io.environment).verify())
      : verifyFile(resolve(io.cwd, options.file));
  print(io, options, report, (told) => wrapText(describe(told, io, options), io.columns, 2));
  return report.ok ? EXIT.done : EXIT.invalidFile;
}

/** An export is checked on its own: an auditor has no project. */
function verifyFile(file: string): LedgerReport {
  requireFile(file, 'Name a file that `signalbox audit export` has written.');
  return verifyLedgerFile(file);
}

function describe(report: LedgerReport, io: Io, options: { file?: string }): string {
  const paint = paintFor(io);
  const lines = [
    report.integrity
      ? `${paint.good('Integrity holds')}: ${report.entries} entries, each chained to the one before.`
      : `${paint.bad('Integrity is broken')}: ${report.reason ?? 'the entries are not what was recorded'}`,
  ];
  if (report.firstBad !== undefined) lines.push(`First bad entry: ${report.firstBad} (${report.kind}).`);
  if (options.file !== undefined && report.ok) {
    lines.push(`${paint.good('The export is whole')}: it ends with a signed checkpoint over exactly these entries.`);
    lines.push(paint.dim(`Signed by ${report.signer}. Compare that with .ai/ledger.pub of the project it is from.`));
    return lines.join('\n');
  }
  lines.push(describeCompleteness(report, io));
  if (report.signer) lines.push(paint.dim(`Signed by ${report.signer}`));
  return lines.join('\n');
}

function describeCompleteness({ completeness, anchoredAt, integrity, ok, reason }: LedgerReport, io: Io): string {
  const paint = paintFor(io);
  if (completeness === 'proven') {
    const when = anchoredAt?.time ? ` (${anchoredAt.time})` : '';
    return `${paint.good('Completeness is proven')} up to entry ${anchoredAt?.size}${when}, by an anchor outside of the log.`;
  }
  // With the entries in order it is the anchor that something is wrong with.
  const why = integrity && !ok && reason ? reason : 'there is no anchor outside of the log';
  return `${paint.warn('Completeness is unproven')}: ${why.replace(/\.$/, '')}. Make one with \`signalbox audit checkpoint\`.`;
}
