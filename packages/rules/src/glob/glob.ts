import { RuleError } from '../errors.js';
import { type Automaton, buildAutomaton } from './automaton.js';
import { expandAlternatives, literalText, type Token } from './expand.js';
import { GlobSyntax, scanGlob } from './scan.js';

export const MAX_PATTERN_LENGTH = 1024;

/** A checked pattern. Two globs with the same pattern mean the same; the object may be copied or stored as its pattern. */
export interface Glob {
  readonly pattern: string;
  /**
   * The whole leading segments every match begins with: `src` for `src/*.ts`, the pattern itself if it is one literal path,
   * and the empty string if there is none. Every match is this path or lies below it.
   */
  readonly literalPrefix: string;
  /** The characters of the last segment that every match ends with: `.ts` for `src/*.ts`, and the empty string if there are none. */
  readonly literalSuffix: string;
}

const automata = new WeakMap<Glob, Automaton>();

/** Reads a pattern. Throws `RuleError` with code `GLOB_INVALID` and the reason. */
export function parseGlob(pattern: string): Glob {
  try {
    return compile(pattern).glob;
  } catch (thrown) {
    if (!(thrown instanceof GlobSyntax)) throw thrown;
    throw new RuleError({
      code: 'GLOB_INVALID',
      message: `The pattern ${JSON.stringify(pattern.slice(0, 80))} is not valid: ${thrown.message}.`,
      hint: 'A pattern is a path relative to the repository root with *, **, ?, [a-z] and {a,b}.',
    });
  }
}

/** Why the pattern is not valid, as the rest of a sentence ("it is empty"); `null` if it is valid. */
export function checkGlob(pattern: string): string | null {
  try {
    compile(pattern);
    return null;
  } catch (thrown) {
    if (!(thrown instanceof GlobSyntax)) throw thrown;
    return thrown.message;
  }
}

/** For this package's matcher: the automaton of a glob, made again for a glob that was copied. */
export function automatonOf(glob: Glob): Automaton {
  const known = automata.get(glob);
  if (known) return known;
  const { automaton } = compile(glob.pattern);
  automata.set(glob, automaton);
  return automaton;
}

function compile(pattern: string): { glob: Glob; automaton: Automaton } {
  checkCharacters(pattern);
  const alternatives = expandAlternatives(scanGlob(pattern));
  const literalPrefix = commonPrefix(alternatives);
  const glob: Glob = Object.freeze({ pattern, literalPrefix, literalSuffix: commonSuffix(alternatives) });
  const automaton = buildAutomaton(alternatives);
  automata.set(glob, automaton);
  return { glob, automaton };
}

function checkCharacters(pattern: string): void {
  if (pattern === '') throw new GlobSyntax('it is empty');
  if (pattern.length > MAX_PATTERN_LENGTH) throw new GlobSyntax(`it is longer than ${MAX_PATTERN_LENGTH} characters`);
  if (pattern.includes('\\')) throw new GlobSyntax('it has a backslash; segments are separated by "/"');
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is looked for
  if (/[\u0000-\u001f\u007f]/.test(pattern) || !pattern.isWellFormed()) {
    throw new GlobSyntax('it has a control character or half of a surrogate pair');
  }
}

function commonPrefix(alternatives: readonly (readonly Token[])[]): string {
  const prefixes = alternatives.map(literalSegments);
  const first = prefixes[0] ?? [];
  let length = 0;
  while (length < first.length && prefixes.every((segments) => segments[length] === first[length])) length++;
  return first.slice(0, length).join('/');
}

function literalSegments(tokens: readonly Token[]): string[] {
  const segments: string[] = [];
  let start = 0;
  for (let at = 0; at <= tokens.length; at++) {
    const token = tokens[at];
    if (token && token.kind !== 'slash') continue;
    const text = literalText(tokens.slice(start, at));
    if (text === null || text === '') break;
    segments.push(text);
    start = at + 1;
  }
  return segments;
}

function commonSuffix(alternatives: readonly (readonly Token[])[]): string {
  const endings = alternatives.map(literalEnding);
  const [first = []] = endings;
  let length = 0;
  while (length < first.length && endings.every((ending) => ending[length] === first[length])) length++;
  return first.slice(0, length).reverse().join('');
}

/** The literal characters at the end of the last segment, the last one first. */
function literalEnding(tokens: readonly Token[]): string[] {
  const ending: string[] = [];
  for (let at = tokens.length - 1; at >= 0; at--) {
    const token = tokens[at];
    if (token?.kind !== 'char') break;
    ending.push(String.fromCodePoint(token.codePoint));
  }
  return ending;
}
