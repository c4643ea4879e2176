import { resolve } from 'node:path';
import { exportForPerson } from '@signalbox/runtime';
import type { CommonOptions, Io } from '../../io.js';
import { withSignalbox } from '../../with-signalbox.js';
import { writeLines } from '../../write-lines.js';

/** The export is lines of JSON already, so `--json` changes nothing. */
export async function exportLog(io: Io, options: CommonOptions & { out?: string }): Promise<void> {
  await withSignalbox(io, options, async (box) => {
    const lines = await exportForPerson(box);
    if (options.out === undefined) {
      for (const line of lines) io.stdout.write(`${line}\n`);
      return;
    }
    const file = resolve(io.cwd, options.out);
    writeLines(file, lines);
    io.stderr.write(`Written to ${file}. Check it anywhere with \`signalbox audit verify --file\`.\n`);
  });
}
