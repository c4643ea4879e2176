import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { exportReceipt } from '@signalbox/runtime';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { withSignalbox } from '../../with-signalbox.js';

/** A receipt is one document of JSON already, so `--json` changes nothing. */
export async function exportEvidence(io: Io, prefix: string, options: CommonOptions & { out?: string }): Promise<void> {
  const receipt = await withSignalbox(io, options, async (box) => exportReceipt(box, await box.tasks.resolve(prefix)));
  if (options.out === undefined || options.out === '-') {
    io.stdout.write(receipt);
    return;
  }
  const file = resolve(io.cwd, options.out);
  try {
    writeFileSync(file, receipt);
  } catch {
    throw usage(`${file} cannot be written.`, 'Name a file in a folder that exists, with --out.');
  }
  const how = 'Whoever has .ai/ledger.pub checks it anywhere with `signalbox evidence verify <file> --key ledger.pub`.';
  io.stderr.write(`Written to ${file}. ${how}\n`);
}
