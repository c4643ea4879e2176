import { MAX_WORDS } from './limits.js';
import type { ShellLine, ShellWord } from './line.js';
import { literalWord } from './line.js';
import { LineReader } from './reader.js';

/**
 * Finds every program start and every file opened by a shell line, whatever it is nested in. What cannot be told before it
 * runs is named in `unresolved`. Never throws. `cwd` is absolute.
 */
export function parseShellLine(source: string, cwd: string): ShellLine {
  const reader = new LineReader(cwd);
  reader.readSource(source, 'bash');
  return reader.line();
}

/** The same for an exact vector that no shell expands. */
export function parseArgv(argv: readonly string[], cwd: string): ShellLine {
  const reader = new LineReader(cwd);
  const words: ShellWord[] = argv.slice(0, MAX_WORDS + 1).map(literalWord);
  reader.readCommand(words);
  return reader.line();
}
