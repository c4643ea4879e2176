import { sealLog } from '@signalbox/runtime';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseInteger } from '../../parse.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

const KEEP = '10000';

export async function seal(io: Io, options: CommonOptions & { before?: string; keep?: string }): Promise<void> {
  if (options.before !== undefined && options.keep !== undefined) {
    throw usage('--before and --keep say the same in two ways.', 'Give one of them.');
  }
  const most = Number.MAX_SAFE_INTEGER;
  const request =
    options.before === undefined
      ? { keep: parseInteger(options.keep ?? KEEP, '--keep', 0, most) }
      : { before: parseInteger(options.before, '--before', 2, most) };
  const sealed = await withSignalbox(io, options, (box) => sealLog(box, request));
  print(io, options, sealed, ({ first, last, folder, file, bytes }) =>
    wrapText(
      `Entries ${first} to ${last} are sealed in ${folder}/${file} (${counted(bytes, 'byte')}). They exist nowhere else: back it up.`,
      io.columns,
      2,
    ),
  );
}
