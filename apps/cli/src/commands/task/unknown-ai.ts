import type { Signalbox } from '@signalbox/runtime';
import type { Io } from '../../io.js';
import { safeText } from '../../terminal/safe-text.js';
import { wrapText } from '../../terminal/wrap-text.js';

/** A task may be meant for an AI that is registered later; a slip of the pen is better told now than when nobody takes it. */
export async function noticeUnknownAI(io: Io, { store }: Pick<Signalbox, 'store'>, ai: string | null): Promise<void> {
  if (ai === null || (await store.ais.list()).some(({ id }) => id === ai)) return;
  const notice = `No AI "${ai}" is registered, so nobody takes this task until \`signalbox ai register ${ai}\`.`;
  io.stderr.write(`${wrapText(safeText(notice), io.columns, 0)}\n`);
}
