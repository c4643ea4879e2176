import type { PolicyProblem } from '@signalbox/runtime';
import type { Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';

export function describeProblems(problems: readonly PolicyProblem[], io: Io): string {
  const paint = paintFor(io);
  return problems
    .map(
      ({ file, line, column, code, message }) =>
        `${paint.bold(`${file}:${line}:${column}`)} ${paint.bad(code)} ${message}`,
    )
    .join('\n');
}
