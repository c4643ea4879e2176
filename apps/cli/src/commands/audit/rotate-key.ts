import { rotateKey } from '@signalbox/runtime';
import type { CommonOptions, Io } from '../../io.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

export async function rotate(io: Io, options: CommonOptions): Promise<void> {
  const rotation = await withSignalbox(io, options, (box) => rotateKey(box));
  print(io, options, rotation, ({ from, to, entry }) => {
    const text = `The key was replaced, which entry ${entry} records. Commit .ai/ledger.pub, and make a checkpoint with the new key: signalbox audit checkpoint.`;
    return `${wrapText(text, io.columns, 2)}\n  old ${from}\n  new ${to}`;
  });
}
