import { labelAI } from '@signalbox/runtime';
import type { CommonOptions, Io } from '../../io.js';
import { parsePairs } from '../../parse.js';
import { print } from '../../terminal/print.js';
import { withSignalbox } from '../../with-signalbox.js';

export async function label(io: Io, id: string, pairs: readonly string[], options: CommonOptions): Promise<void> {
  const labels = parsePairs(pairs, 'label');
  const ai = await withSignalbox(io, options, (box) => labelAI(box.executor, box.actor, id, labels));
  print(io, options, ai, ({ id: named, labels: set }) => {
    const shown = Object.entries(set).map(([key, value]) => `${key}=${value}`);
    return `${named}: ${shown.join(' ') || 'no labels'}`;
  });
}
