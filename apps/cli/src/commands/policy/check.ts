import { checkConflicts } from '@signalbox/runtime';
import { withStore } from '../../context.js';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

export async function check(io: Io, options: CommonOptions & { gaps?: boolean }): Promise<number> {
  const report = await withStore(io, options, async (store) =>
    checkConflicts(store, io.environment['PATH'] ?? '', { gaps: options.gaps === true }),
  );
  const isBad = report.findings.some(({ severity }) => severity === 'error');
  print(io, options, report, ({ findings, unknown }) => {
    const paint = paintFor(io);
    const shade = { error: paint.bad, warning: paint.warn, info: paint.dim };
    const told = findings.map(({ kind, severity, at, message, witnessText }) => {
      const place = at[0] === undefined ? '' : `${paint.bold(at[0])} `;
      const others = at.length > 1 ? `\n    see also ${at.slice(1).join(', ')}` : '';
      const witness = witnessText === null ? '' : `\n    for example: ${witnessText}`;
      return wrapText(
        `${place}${shade[severity](`${severity}: ${kind}`)} ${message}${witness}${others}`,
        io.columns,
        4,
      );
    });
    const open = unknown.map(({ at, rule, reason }) =>
      wrapText(`${at ?? ''} ${paint.warn('unknown')} ${rule ?? ''} ${reason}`.trim(), io.columns, 4),
    );
    if (told.length + open.length === 0) return 'No rule contradicts, hides or undoes another.';
    return [...told, ...open].join('\n');
  });
  return isBad ? EXIT.invalidFile : EXIT.done;
}
