import { oneLine, safeText } from './safe-text.js';
import { visibleWidth } from './visible-width.js';

/** Cuts a text without colours to one line of `width` characters, showing that it was cut. */
export function clip(text: string, width: number): string {
  const line = safeText(text).replace(/\s+/g, ' ');
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** Columns padded to their widest cell; the last is cut to what is left of the terminal's width. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], columns: number): string {
  const all = [head, ...rows.map((row) => row.map(oneLine))];
  const widths = head.map((_, i) => Math.max(...all.map((row) => visibleWidth(row[i] ?? ''))));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const last = Math.max(10, columns - before);
  return all
    .map((row) =>
      row
        .map((cell, i) =>
          i === head.length - 1 ? clip(cell, last) : cell + ' '.repeat((widths[i] ?? 0) - visibleWidth(cell)),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
