import { type ParsedScript, parse } from 'unbash';
import type { ShellLine, ShellWord } from './line.js';
import { literalWord } from './line.js';
import { LineReader } from './reader.js';

const MAX_LINE_LENGTH = 64 * 1024;

// biome-ignore lint/suspicious/noControlCharactersInRegex: what a terminal hides or reorders is what is looked for
const HIDDEN = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/;

/**
 * Finds every program start and every file opened by a shell line, whatever it is nested in. What cannot be told before it
 * runs is named in `unresolved`. Never throws. `cwd` is absolute.
 */
export function parseShellLine(source: string, cwd: string): ShellLine {
  const reader = new LineReader(cwd, parseScript);
  reader.readSource(source);
  return reader.line();
}

/** The same for an exact vector that no shell expands. */
export function parseArgv(argv: readonly string[], cwd: string): ShellLine {
  const reader = new LineReader(cwd, parseScript);
  const words: ShellWord[] = argv.map(literalWord);
  reader.readCommand(words);
  return reader.line();
}

/** Parses one script, or says in a phrase why it cannot be judged. */
function parseScript(source: string): ParsedScript | string {
  if (source.length > MAX_LINE_LENGTH) return 'the line is longer than 64 KiB';
  if (HIDDEN.test(source) || !source.isWellFormed()) return 'the line has hidden characters';
  try {
    return parse(source);
  } catch {
    return 'the line cannot be parsed';
  }
}
