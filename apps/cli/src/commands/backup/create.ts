import { resolve } from 'node:path';
import { backUpProject } from '@signalbox/runtime';
import type { CommonOptions, Io } from '../../io.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

export async function create(
  io: Io,
  folder: string | undefined,
  options: CommonOptions & { withKeys?: boolean },
): Promise<void> {
  const made = await withSignalbox(io, options, (box) =>
    backUpProject(box, {
      ...(folder === undefined ? {} : { folder: resolve(io.cwd, folder) }),
      withKeys: options.withKeys === true,
    }),
  );
  const { manifest, ...rest } = made;
  const { createdAt, ledger, keys, files } = manifest;
  const value = { ...rest, createdAt, ledger, keys, files: files.length };
  print(io, options, value, (told) => wrapText(describe(told), io.columns, 2));
}

function describe(told: {
  folder: string;
  files: number;
  bytes: number;
  keys: boolean;
  ledger: { size: number };
}): string {
  const { folder, files, bytes, keys, ledger } = told;
  const lines = [
    `Backed up to ${folder}: ${counted(ledger.size, 'entry', 'entries')}, ${counted(files, 'file')}, ${counted(bytes, 'byte')}.`,
  ];
  lines.push(
    keys
      ? 'The private keys are in it: keep it as you would keep them.'
      : 'The private keys are not in it, and a log goes on only with its key: keep .ai/state/keys somewhere too.',
  );
  return lines.join('\n');
}
