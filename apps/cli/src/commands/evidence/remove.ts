import { removeEvidence } from '@signalbox/runtime';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

export async function remove(io: Io, id: string, options: CommonOptions & { reason: string }): Promise<void> {
  if (options.reason.trim() === '') throw usage('The reason is empty.', 'Say with --reason why it is removed.');
  const removed = await withSignalbox(io, options, (box) => removeEvidence(box, id, options.reason));
  print(io, options, removed, ({ tombstone, also }) => {
    const others = also.length === 0 ? '' : ` The same content was evidence as ${also.join(', ')}, too.`;
    const text = `Removed the content of ${removed.id} (${counted(tombstone.size, 'byte')}); what it was stays on record.${others}`;
    return wrapText(text, io.columns, 2);
  });
}
