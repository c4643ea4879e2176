import type { CommonOptions, Io } from '../../io.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

export async function checkpoint(io: Io, options: CommonOptions): Promise<void> {
  const made = await withSignalbox(io, options, (box) => {
    box.door.refuseAgents(box.actor, 'sign a checkpoint');
    return box.ledger.checkpoint();
  });
  const value = { ...made.checkpoint, note: made.note, anchored: made.anchored };
  print(io, options, value, ({ size, root, anchored }) => {
    const where = anchored ? ', anchored in refs/signalbox/ledger' : '; outside of git there is no anchor';
    return wrapText(`Signed ${size} entries, root ${root}${where}.`, io.columns, 2);
  });
}
