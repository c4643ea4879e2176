/** One position of a pattern: the words it accepts. */
export type ArgvToken = readonly string[];

/** A pattern over a list of words, such as the words of a command. */
export interface ArgvPattern {
  readonly tokens: readonly ArgvToken[];
  /** True if any further words may follow. */
  readonly rest: boolean;
}

/** Reads `['npm', ['test', 'run'], '...']`, or says in one sentence what is wrong with it. */
export function readArgvPattern(argv: readonly (string | readonly string[])[]): ArgvPattern | string {
  const rest = argv.at(-1) === '...';
  const tokens = (rest ? argv.slice(0, -1) : argv).map((token) => (typeof token === 'string' ? [token] : token));
  if (tokens.some((words) => words.includes('...'))) {
    return '"..." stands for the rest, so only at the end and by itself.';
  }
  return { tokens, rest };
}

/** Whether a value is a list of words that the pattern matches as a whole; never for anything that is no list. */
export function matchesArgv(pattern: ArgvPattern, value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const { tokens, rest } = pattern;
  if (value.length < tokens.length || (!rest && value.length > tokens.length)) return false;
  return tokens.every((token, index) => token.includes(value[index]));
}
