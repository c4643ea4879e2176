import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import { checkBackup, projectKeys } from '@signalbox/runtime';
import { findHome, findRoot, projectPaths } from '@signalbox/runtime/project';
import { CliError, usage } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { readKeys } from '../../read-keys.js';
import { paintFor } from '../../terminal/colour.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

type Options = CommonOptions & { key?: string };
type Report = ReturnType<typeof checkBackup>;

export async function verify(io: Io, name: string, options: Options): Promise<number> {
  const folder = requireFolder(io, name);
  const report = checkBackup(folder, keysFor(io, options));
  print(io, options, summarise(folder, report), () => wrapText(describe(folder, report, io), io.columns, 2));
  return report.ok ? EXIT.done : EXIT.invalidFile;
}

/** Where a backup should be. Throws `NOT_FOUND`. */
export function requireFolder(io: Pick<Io, 'cwd'>, name: string): string {
  const folder = resolve(io.cwd, name);
  const hint = 'Name a folder that `signalbox backup create` has made.';
  if (!existsSync(folder)) throw new CliError({ code: 'NOT_FOUND', message: `There is no folder ${folder}.`, hint });
  if (!statSync(folder).isDirectory()) throw usage(`${folder} is a file.`, hint);
  return folder;
}

/** The key that was given, or those of the project that one stands in; without any, signatures are not checked. */
function keysFor(io: Io, { key, root }: Options): ReturnType<typeof readKeys> {
  if (key !== undefined) return readKeys(io, key);
  const found = root === undefined ? findRoot(io.cwd) : resolve(io.cwd, root);
  return found === null ? [] : projectKeys(projectPaths(found, findHome(io.environment)));
}

function summarise(folder: string, { ok, problems, manifest, ledger }: Report): object {
  const { createdAt, keys, files } = manifest;
  const made = { createdAt, keys, files: files.length, log: manifest.ledger };
  return { ok, folder, problems, ...made, ...(ledger ? { ledger } : {}) };
}

function describe(folder: string, { ok, problems, manifest, ledger }: Report, io: Io): string {
  const paint = paintFor(io);
  const { createdAt, files, keys } = manifest;
  const what = `${counted(files.length, 'file')}, ${counted(manifest.ledger.size, 'entry', 'entries')}, ${keys ? 'with' : 'without'} private keys`;
  const head = ok
    ? `${paint.good('The backup is whole')}: ${folder}, made at ${createdAt}, ${what}.`
    : `${paint.bad('The backup cannot be used')}: ${folder}.`;
  const proved = (ledger?.proved ?? []).map((sentence) => `- ${sentence}`);
  return [head, ...problems, ...proved].join('\n');
}
