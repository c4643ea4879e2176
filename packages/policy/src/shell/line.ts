/** One word of a command. */
export interface ShellWord {
  /** As written. */
  readonly text: string;
  /** What the program receives; `null` if that is known only at run time. */
  readonly value: string | null;
  /** What a dynamic word certainly begins and ends with. */
  readonly prefix: string;
  readonly suffix: string;
}

/**
 * One start of a program.
 *
 * `wrapper`: it only starts another program that is judged by itself (`timeout 5 npm test`), so it needs no rule of its own
 * as long as it is the program it is named after.
 */
export interface ShellCommand {
  readonly words: readonly ShellWord[];
  readonly role: 'command' | 'wrapper';
  /** Where it may run: absolute folders. */
  readonly cwds: readonly string[];
  /** Why this command cannot be allowed without asking. */
  readonly unresolved: readonly string[];
}

/** A file that the shell itself opens. */
export interface ShellRedirect {
  readonly action: 'file.read' | 'file.write';
  readonly target: string;
  readonly cwds: readonly string[];
}

/** Everything a request would start or open. */
export interface ShellLine {
  readonly commands: readonly ShellCommand[];
  readonly redirects: readonly ShellRedirect[];
  /** Why the line as a whole cannot be allowed without asking. */
  readonly unresolved: readonly string[];
}

export function literalWord(value: string): ShellWord {
  return { text: value, value, prefix: value, suffix: value };
}

/** A word of which nothing is known. */
export function unknownWord(text: string): ShellWord {
  return { text, value: null, prefix: '', suffix: '' };
}

/** Whether the word is, or at run time could be, this text. */
export function couldBe(word: ShellWord, text: string): boolean {
  if (word.value !== null) return word.value === text;
  return (
    text.length >= word.prefix.length + word.suffix.length && text.startsWith(word.prefix) && text.endsWith(word.suffix)
  );
}
