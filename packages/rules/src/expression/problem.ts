/** What kind of thing is wrong: how it is written, a name that is not declared, a type, or a size that is not accepted. */
export type ExpressionProblemCode = 'SYNTAX' | 'NAME' | 'TYPE' | 'LIMIT';

/** One thing wrong with an expression, and where. */
export interface ExpressionProblem {
  code: ExpressionProblemCode;
  /** One sentence, with what was probably meant where that can be told. */
  message: string;
  /** UTF-16 index into the source, from 0. */
  offset: number;
  /** From 1. */
  line: number;
  /** UTF-16 units from 1. */
  column: number;
  /** The line of the source and, under it, a caret at the column. */
  caret: string;
}

/** Notes a problem; the compiler goes on and finds the next. */
export type Report = (code: ExpressionProblemCode, message: string, offset: number) => void;

/** Thrown inside the compiler where going on makes no sense: a limit was passed, and the problem is already reported. */
export class CompilationStopped extends Error {}

export function problemAt(
  source: string,
  offset: number,
  code: ExpressionProblemCode,
  message: string,
): ExpressionProblem {
  const before = source.slice(0, offset);
  const lineStart = before.lastIndexOf('\n') + 1;
  const lineEnd = source.indexOf('\n', offset);
  const text = source.slice(lineStart, lineEnd === -1 ? source.length : lineEnd);
  const column = offset - lineStart + 1;
  // Tabs are kept, so that the caret stands under its character however wide the terminal draws them.
  const margin = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return { code, message, offset, line: before.split('\n').length, column, caret: `${text}\n${margin}^` };
}
