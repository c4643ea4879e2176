/** A line that only one of two texts has. */
export interface ChangedLine {
  sign: '-' | '+';
  /** From 1, in the text that has it. */
  line: number;
  text: string;
}

/** Cells of the table; beyond, what lies between the first and the last difference counts as replaced. */
const MAX_CELLS = 4_000_000;

/** The lines by which two texts differ, in order; what was taken away comes before what came in its place. */
export function diffLines(before: string, after: string): ChangedLine[] {
  const [old, young] = [linesOf(before), linesOf(after)];
  let start = 0;
  while (start < old.length && start < young.length && old[start] === young[start]) start++;
  let end = 0;
  while (end < Math.min(old.length, young.length) - start && old.at(-1 - end) === young.at(-1 - end)) end++;
  const [a, b] = [old.slice(start, old.length - end), young.slice(start, young.length - end)];
  const removed = (at: number): ChangedLine => ({ sign: '-', line: start + at + 1, text: a[at] ?? '' });
  const added = (at: number): ChangedLine => ({ sign: '+', line: start + at + 1, text: b[at] ?? '' });
  const common = a.length * b.length > MAX_CELLS ? null : commonLengths(a, b);
  const changes: ChangedLine[] = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (common && i < a.length && j < b.length && a[i] === b[j]) {
      i++;
      j++;
    } else if (
      i < a.length &&
      (!common || j === b.length || lengthAt(common, i + 1, j) >= lengthAt(common, i, j + 1))
    ) {
      changes.push(removed(i++));
    } else changes.push(added(j++));
  }
  return changes;
}

/** How many lines the rests of both texts have in common, from each pair of places on. */
function commonLengths(a: readonly string[], b: readonly string[]): Uint32Array[] {
  const rows = Array.from({ length: a.length + 1 }, () => new Uint32Array(b.length + 1));
  for (let i = a.length - 1; i >= 0; i--) {
    const row = rows[i] as Uint32Array;
    for (let j = b.length - 1; j >= 0; j--) {
      row[j] =
        a[i] === b[j] ? lengthAt(rows, i + 1, j + 1) + 1 : Math.max(lengthAt(rows, i + 1, j), lengthAt(rows, i, j + 1));
    }
  }
  return rows;
}

function lengthAt(rows: readonly Uint32Array[], i: number, j: number): number {
  return rows[i]?.[j] ?? 0;
}

function linesOf(text: string): string[] {
  if (text === '') return [];
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return lines;
}
