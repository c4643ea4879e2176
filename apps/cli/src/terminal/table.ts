// biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour code begins with
const COLOUR = /\x1b\[[0-9;]*m/g;

function widthOf(text: string): number {
  return text.replace(COLOUR, '').length;
}

/** Cuts a text to `width` characters, showing that it was cut. */
export function clip(text: string, width: number): string {
  const line = text.replace(/\s+/g, ' ');
  return line.length <= width ? line : `${line.slice(0, Math.max(0, width - 1))}…`;
}

/** Columns padded to their widest cell; the last is cut to what is left of the terminal's width. */
export function table(head: readonly string[], rows: readonly (readonly string[])[], columns: number): string {
  const all = [head, ...rows];
  const widths = head.map((_, i) => Math.max(...all.map((row) => widthOf(row[i] ?? ''))));
  const before = widths.slice(0, -1).reduce((sum, width) => sum + width + 2, 0);
  const last = Math.max(10, columns - before);
  return all
    .map((row) =>
      row
        .map((cell, i) =>
          i === head.length - 1 ? clip(cell, last) : cell + ' '.repeat((widths[i] ?? 0) - widthOf(cell)),
        )
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}
