import { reportAI } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { print } from '../../terminal/print.js';
import { table } from '../../terminal/table.js';

export async function list(io: Io, options: CommonOptions): Promise<void> {
  const found = await withStore(io, options, async (store) => {
    return Promise.all((await store.ais.list()).map((ai) => reportAI(store, ai)));
  });
  print(io, options, { ais: found }, ({ ais }) => {
    if (ais.length === 0) return 'No AI is registered. Add one with `signalbox ai register`.';
    const rows = ais.map((ai) => [
      ai.id,
      ai.connector,
      ai.status,
      `${ai.running}/${ai.maxConcurrent}`,
      [...Object.entries(ai.labels).map(([key, value]) => `${key}=${value}`), ...ai.capabilities].join(' ') || '-',
    ]);
    return table(['ID', 'CONNECTOR', 'STATUS', 'RUNNING', 'LABELS AND CAPABILITIES'], rows, io.columns);
  });
}
