import { explainRoute } from '@signalbox/runtime';
import type { CommonOptions, Io } from '../../io.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

export async function explain(io: Io, task: string, options: CommonOptions & { ai?: string }): Promise<void> {
  const { lines, ...choice } = await withSignalbox(io, options, async (box) => {
    const pin = options.ai === undefined ? null : await box.store.ais.resolve(options.ai);
    return explainRoute(box.executor, await box.tasks.resolve(task), pin);
  });
  print(io, options, { ...choice, lines }, (told) => {
    const chosen = told.chosen === null ? 'No AI would get it now.' : `${told.chosen} would get it now.`;
    return [chosen, ...told.lines.map((line) => wrapText(line, io.columns, 2))].join('\n');
  });
}
