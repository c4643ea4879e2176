import { resolve } from 'node:path';
import { recoverFile } from '@signalbox/runtime';
import type { CommonOptions, Io } from '../../io.js';
import { requireFile } from '../../named-file.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

/** Needs no project: the file may be all that is left. */
export async function recover(io: Io, name: string, options: CommonOptions): Promise<void> {
  const file = resolve(io.cwd, name);
  requireFile(file, 'Name a file of entries, such as `signalbox audit export` writes.');
  const recovery = recoverFile(file, io.environment);
  print(io, options, { file, recovered: recovery !== undefined, ...recovery }, () =>
    wrapText(
      recovery
        ? `Cut off ${counted(recovery.lostBytes, 'byte')} of a torn line; entry ${recovery.seq} records that in their place.`
        : 'Its last line is whole: nothing was cut off.',
      io.columns,
      2,
    ),
  );
}
