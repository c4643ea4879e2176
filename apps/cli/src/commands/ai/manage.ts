import { systemClock } from '@signalbox/kernel';
import { pauseAI, removeAI, resumeAI } from '@signalbox/runtime';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseTime } from '../../parse.js';
import { print } from '../../terminal/print.js';
import { withSignalbox } from '../../with-signalbox.js';

export async function pause(
  io: Io,
  id: string,
  options: CommonOptions & { reason: string; until?: string },
): Promise<void> {
  if (options.reason.trim() === '') throw usage('--reason is empty.', 'Say why, or leave it out.');
  const until = options.until === undefined ? null : endOf(options.until, systemClock.now());
  const ai = await withSignalbox(io, options, async (box) =>
    pauseAI(box.executor, box.actor, await box.store.ais.resolve(id), { reason: options.reason, until }),
  );
  print(io, options, ai, ({ id: named, pausedUntil }) =>
    pausedUntil === undefined
      ? `${named} is paused until \`signalbox ai resume ${named}\`.`
      : `${named} is paused until ${pausedUntil}.`,
  );
}

function endOf(text: string, now: number): number {
  const end = Date.parse(parseTime(text, now));
  if (end > now) return end;
  throw usage(`--until "${text}" is past.`, 'Give a time to come, or a duration from now such as 2h.');
}

export async function resume(io: Io, id: string, options: CommonOptions): Promise<void> {
  const ai = await withSignalbox(io, options, async (box) =>
    resumeAI(box.executor, box.actor, await box.store.ais.resolve(id)),
  );
  print(io, options, ai, ({ id: named }) => `${named} gets work again.`);
}

export async function remove(io: Io, id: string, options: CommonOptions): Promise<void> {
  const ai = await withSignalbox(io, options, async (box) =>
    removeAI(box.executor, box.actor, await box.store.ais.resolve(id)),
  );
  print(io, options, { removed: ai.id }, ({ removed }) => `Removed ${removed}; what it did stays on record.`);
}
