import type { CommonOptions, Io } from '../../io.js';
import { print } from '../../terminal/print.js';
import { oneLine } from '../../terminal/safe-text.js';
import { table } from '../../terminal/table.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

export async function list(io: Io, options: CommonOptions): Promise<void> {
  const found = await withSignalbox(io, options, async (box) => {
    const { offered, problems } = await box.executor.connectors.list();
    const connectors = offered.map(({ connector: { id, kind, summary, capabilities }, plugin }) => ({
      id,
      kind,
      summary,
      capabilities,
      plugin,
    }));
    return { connectors, problems };
  });
  print(io, options, found, ({ connectors, problems }) => {
    const rows = connectors.map(({ id, kind, plugin, summary }) => [
      id,
      kind,
      plugin === null ? 'built in' : `${plugin.name}@${plugin.version}`,
      summary,
    ]);
    const lines = problems.map((problem) => wrapText(oneLine(problem), io.columns, 2));
    return [table(['ID', 'KIND', 'FROM', 'WHAT'], rows, io.columns), ...lines].join('\n');
  });
}
