import { type MadeCheckpoint, type SshFiles, signLog } from '@signalbox/runtime';
import type { CommonOptions, Io } from '../../io.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

export async function checkpoint(io: Io, options: CommonOptions & { ssh?: boolean }): Promise<void> {
  const ssh = options.ssh === true;
  const made = await withSignalbox(io, options, (box) => signLog(box, { ssh }));
  const { note, anchored, replaced } = made;
  const value = { ...made.checkpoint, note, anchored, replaced, ...(made.ssh ? { ssh: made.ssh } : {}) };
  print(io, options, value, () => `${wrapText(describe(made), io.columns, 2)}${made.ssh ? describeSsh(made.ssh) : ''}`);
}

function describe({ checkpoint: { size, root }, anchored, replaced }: MadeCheckpoint): string {
  const where = anchored ? ', anchored in refs/signalbox/ledger' : '; outside of git there is no anchor';
  const lines = [`Signed ${counted(size, 'entry', 'entries')}, root ${root}${where}.`];
  if (replaced) {
    lines.push(
      `It takes the place of an anchor that this log does not extend, over ${counted(replaced.size, 'entry', 'entries')} of ${replaced.origin}. That one is kept under refs/signalbox/replaced.`,
    );
  }
  return lines.join('\n');
}

/** Not wrapped: these lines are to be copied. */
function describeSsh({ line, command }: SshFiles): string {
  return `\nFor a file of allowed signers:\n${line}\nCheck it with:\n${command}`;
}
