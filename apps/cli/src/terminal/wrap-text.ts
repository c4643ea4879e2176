import { visibleWidth } from './visible-width.js';

/**
 * Breaks each line of a text between words, so that none is wider than `columns`; what follows a break is indented by `indent`
 * spaces. A word that is wider than a line (a path, a URL) is left whole, to be copied.
 */
export function wrapText(text: string, columns: number, indent: number): string {
  return text
    .split('\n')
    .map((line) => wrapLine(line, columns, ' '.repeat(indent)))
    .join('\n');
}

function wrapLine(line: string, columns: number, indent: string): string {
  if (visibleWidth(line) <= columns) return line;
  const lines: string[] = [];
  let current = '';
  for (const [, gap = '', word = ''] of line.matchAll(/(\s*)(\S+)/g)) {
    const holdsWords = current.trim() !== '';
    if (holdsWords && visibleWidth(current + gap + word) > columns) {
      lines.push(current);
      current = indent + word;
    } else {
      current += gap + word;
    }
  }
  return [...lines, current].join('\n');
}
