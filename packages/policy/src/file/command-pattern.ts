/** One position of a command pattern: the words it accepts. */
export type PatternToken = readonly string[];

/** A pattern over the words of a command; the first token is the program. */
export interface CommandPattern {
  readonly tokens: readonly PatternToken[];
  /** True if any further words may follow. */
  readonly rest: boolean;
}

/** Compiles `[git, [push, fetch], "..."]`, or says in one sentence what is wrong with it. */
export function compilePattern(argv: readonly (string | readonly string[])[]): CommandPattern | string {
  const rest = argv.at(-1) === '...';
  const tokens = (rest ? argv.slice(0, -1) : argv).map((token) => (typeof token === 'string' ? [token] : token));
  if (tokens.some((words) => words.includes('...')))
    return '"..." stands for the rest, so only at the end and by itself.';
  if (tokens.length === 0) return 'A pattern begins with a program; leave out "command" to match every program.';
  if (tokens[0]?.includes('')) return 'A program has a name.';
  return { tokens, rest };
}
