import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createLedgerService, verifyLedgerFile } from '@signalbox/runtime';
import type { LedgerReport } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import { usage } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { requireFile } from '../../named-file.js';
import { readKeys } from '../../read-keys.js';
import { paintFor } from '../../terminal/colour.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

export interface VerifyOptions extends CommonOptions {
  file?: string;
  full?: boolean;
  incremental?: boolean;
  key?: string;
  anchor?: string;
}

export async function verify(io: Io, options: VerifyOptions): Promise<number> {
  if (options.incremental && (options.full || options.file !== undefined)) {
    throw usage('--incremental goes neither with --full nor with --file.', 'An export is always read in full.');
  }
  const keys = options.key === undefined ? undefined : readKeys(io, options.key);
  const anchor = options.anchor === undefined ? {} : { anchor: readAnchorFile(io, options.anchor) };
  const mode = options.incremental ? 'incremental' : 'full';
  const report =
    options.file === undefined
      ? await withStore(io, options, (store) =>
          createLedgerService(store, io.environment).verify({ mode, ...(keys ? { keys } : {}), ...anchor }),
        )
      : verifyFile(resolve(io.cwd, options.file), keys, anchor.anchor);
  print(io, options, report, (told) => wrapText(describe(told, io, options), io.columns, 2));
  return report.ok ? EXIT.done : EXIT.invalidFile;
}

/** An export is checked on its own: an auditor has no project. */
function verifyFile(file: string, keys: ReturnType<typeof readKeys> | undefined, anchor?: string): LedgerReport {
  requireFile(file, 'Name a file that `signalbox audit export` has written.');
  return verifyLedgerFile(file, keys, anchor);
}

/** A checkpoint that was kept elsewhere, byte for byte. */
function readAnchorFile(io: Io, name: string): string {
  const file = resolve(io.cwd, name);
  requireFile(file, 'Name a file with a checkpoint, such as `git cat-file blob refs/signalbox/ledger` prints.');
  return readFileSync(file, 'utf8');
}

function describe(report: LedgerReport, io: Io, options: VerifyOptions): string {
  const paint = paintFor(io);
  const lines = [
    report.integrity
      ? `${paint.good('Integrity holds')}: ${counted(report.entries, 'entry', 'entries')}, each chained to the one before.`
      : `${paint.bad('Integrity is broken')}: ${report.reason ?? 'the entries are not what was recorded'}`,
  ];
  if (report.firstBad !== undefined) lines.push(`First bad entry: ${report.firstBad} (${report.kind}).`);
  if (options.file === undefined) lines.push(describeCompleteness(report, io));
  else lines.push(describeExport(report, io));
  lines.push('', 'What was proved:', ...report.proved.map((sentence) => `- ${sentence}`));
  if (report.signer) lines.push(paint.dim(`Signed by ${report.signer}`));
  if (options.file !== undefined && options.key === undefined && report.ok) {
    lines.push(paint.dim('Compare that with .ai/ledger.pub of the project it is from, or name that file with --key.'));
  }
  return lines.join('\n');
}

function describeExport({ ok, reason }: LedgerReport, io: Io): string {
  const paint = paintFor(io);
  if (ok) return `${paint.good('The export is whole')}: it ends with a signed checkpoint over exactly these entries.`;
  return `${paint.bad('The export cannot be relied on')}: ${reason}`;
}

function describeCompleteness({ completeness, anchoredAt, integrity, ok, reason }: LedgerReport, io: Io): string {
  const paint = paintFor(io);
  if (completeness === 'proven') {
    const when = anchoredAt?.time ? ` (${anchoredAt.time})` : '';
    return `${paint.good('Completeness is proven')} up to entry ${anchoredAt?.size}${when}, by an anchor outside of the log.`;
  }
  // With the entries in order it is the anchor that something is wrong with.
  const why = integrity && !ok && reason ? reason : 'there is no anchor outside of the log';
  const advice = why.includes('`signalbox audit checkpoint`') ? '' : ' Make one with `signalbox audit checkpoint`.';
  return `${paint.warn('Completeness is unproven')}: ${why.replace(/\.$/, '')}.${advice}`;
}
