import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createLedgerService } from '@signalbox/runtime';
import { withStore } from '../../context.js';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';

/** The export is lines of JSON already, so `--json` changes nothing. */
export async function exportLog(io: Io, options: CommonOptions & { out?: string }): Promise<void> {
  await withStore(io, options, async (store) => {
    const lines = createLedgerService(store, io.environment).export();
    if (options.out === undefined) {
      for (const line of lines) io.stdout.write(`${line}\n`);
      return;
    }
    const file = resolve(io.cwd, options.out);
    const text = `${[...lines].join('\n')}\n`;
    try {
      writeFileSync(file, text);
    } catch {
      throw usage(`${file} cannot be written.`, 'Name a file in a folder that exists, with --out.');
    }
    io.stderr.write(`Written to ${file}. Check it anywhere with \`signalbox audit verify --file\`.\n`);
  });
}
