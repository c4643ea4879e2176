import { readFileSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import {
  checkReceipt,
  createLedgerService,
  type EvidenceReport,
  projectKeys,
  verifyEvidence,
} from '@signalbox/runtime';
import { findHome, findRoot, projectPaths } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import { usage } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { type CommonOptions, type Io, readAll } from '../../io.js';
import { requireFile } from '../../named-file.js';
import { readKeys } from '../../read-keys.js';
import { paintFor } from '../../terminal/colour.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { oneLine } from '../../terminal/safe-text.js';
import { wrapText } from '../../terminal/wrap-text.js';

type Options = CommonOptions & { key?: string };
type ReceiptReport = Awaited<ReturnType<typeof checkReceipt>>;

/** A task of the project, or a receipt: a file, or `-`. Gives the exit code. */
export async function verify(io: Io, what: string, options: Options): Promise<number> {
  return isReceipt(io, what) ? verifyFile(io, what, options) : verifyTask(io, what, options);
}

function isReceipt(io: Io, what: string): boolean {
  if (what === '-' || /[/\\]|\.json$/.test(what)) return true;
  return statSync(resolve(io.cwd, what), { throwIfNoEntry: false })?.isFile() === true;
}

async function verifyFile(io: Io, what: string, options: Options): Promise<number> {
  const file = resolve(io.cwd, what);
  if (what !== '-') requireFile(file, 'Name a file that `signalbox evidence export` has written.');
  const text = what === '-' ? await readAll(io.stdin) : readFileSync(file, 'utf8');
  const report = await checkReceipt(text, keysFor(io, options));
  print(io, options, report, (told) => describeReceipt(told, io));
  return report.ok ? EXIT.done : EXIT.invalidFile;
}

/** The key that was given, or those of the project that one stands in. */
function keysFor(io: Io, { key, root }: Options): Parameters<typeof checkReceipt>[1] {
  if (key !== undefined) return readKeys(io, key);
  const found = root === undefined ? findRoot(io.cwd) : resolve(io.cwd, root);
  const keys = found === null ? [] : projectKeys(projectPaths(found, findHome(io.environment)));
  if (keys.length > 0) return keys;
  const hint = 'Give the line of .ai/ledger.pub, or a file with it, as --key; take it from somewhere you trust.';
  throw usage('Without a public key nothing about a receipt can be checked.', hint);
}

async function verifyTask(io: Io, prefix: string, options: Options): Promise<number> {
  if (options.key !== undefined)
    throw usage('--key is for a receipt.', 'Leave it out: a task is checked with the key of its project.');
  const report = await withStore(io, options, async (store) =>
    verifyEvidence(store, createLedgerService(store, io.environment), await store.tasks.resolve(prefix)),
  );
  print(io, options, report, (told) => describeTask(told, io));
  return report.ok ? EXIT.done : EXIT.invalidFile;
}

function describeReceipt(report: ReceiptReport, io: Io): string {
  const paint = paintFor(io);
  const about = report.task === undefined ? '' : ` of ${report.task}`;
  const head = report.ok
    ? paint.good(`The receipt${about} holds`)
    : `${paint.bad(`The receipt${about} does not hold`)}: ${report.firstBad?.where}: ${report.firstBad?.reason}`;
  const list = (title: string, sentences: readonly string[]): string[] =>
    sentences.length === 0 ? [] : [paint.bold(title), ...sentences.map((each) => `  - ${each}`)];
  const proved = list(report.ok ? 'Proved' : 'Proved before that', report.proved);
  const lines = [head, ...proved, ...list('Not proved', report.notProved)];
  if (report.signer) lines.push(paint.dim(`Signed by ${report.signer}`));
  return lines.map((line) => wrapText(oneLine(line), io.columns, 4)).join('\n');
}

function describeTask({ ok, task, evidence, ledger }: EvidenceReport, io: Io): string {
  const paint = paintFor(io);
  const bad = evidence.filter(({ state }) => state !== 'whole' && state !== 'removed');
  const removed = evidence.filter(({ state }) => state === 'removed');
  const count = `${counted(evidence.length, 'piece')} of evidence`;
  const lines = [
    ok
      ? `${paint.good('All is well')}: ${count} of ${task}, as recorded.`
      : `${paint.bad('Something is wrong')} with ${count} of ${task}.`,
  ];
  for (const { id, kind, says } of [...bad, ...removed]) lines.push(`  ${id}  ${kind}: ${says}`);
  const why = ledger.reason ?? 'see `signalbox audit verify`.';
  lines.push(
    ledger.ok
      ? `The log is sound; completeness is ${ledger.completeness}.`
      : `${paint.bad('The log is not sound')}: ${why}`,
  );
  return lines.map((line) => wrapText(oneLine(line), io.columns, 4)).join('\n');
}
