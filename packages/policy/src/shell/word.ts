import type { Assignment, Word, WordPart } from 'unbash';
import { MAX_PIECES } from './limits.js';
import { type ShellWord, unknownWord } from './line.js';

// `$x`, `*`, `{a,b}`, `~` and the like: text that the shell replaces when the command runs.
const HOLE = Symbol('hole');
type Piece = string | typeof HOLE;

/** Reads a parsed word. Only plain and quoted text counts as literal. */
export function readWord(word: Word): ShellWord {
  if (word.parts && word.parts.length > MAX_PIECES) return unknownWord(word.text);
  const pieces = word.parts ? word.parts.flatMap(piecesOf) : [word.value];
  if (beginsWithTilde(word.text)) pieces.unshift(HOLE);
  const { text } = word;
  const first = pieces.indexOf(HOLE);
  if (first === -1) {
    const value = pieces.join('');
    return { text, value, prefix: value, suffix: value };
  }
  const last = pieces.lastIndexOf(HOLE);
  // A tilde expands to a folder, whatever follows it.
  const prefix = beginsWithTilde(text) ? '' : pieces.slice(0, first).join('');
  return {
    text,
    value: null,
    prefix,
    suffix: pieces
      .slice(last + 1)
      .join('')
      .replace(/^~/, ''),
  };
}

/** Reads an operand that is shaped like an assignment (`export A=b`). */
export function readAssignedWord(assignment: Assignment): ShellWord {
  const { text, name, append, index } = assignment;
  const prefix = `${name}${append ? '+' : ''}=`;
  const assigned = assignment.value.type === 'Word' ? readWord(assignment.value).value : null;
  if (assigned === null || index || beginsWithTilde(text)) return { text, value: null, prefix, suffix: '' };
  const value = prefix + assigned;
  return { text, value, prefix: value, suffix: value };
}

function piecesOf(part: WordPart): Piece[] {
  switch (part.type) {
    case 'Literal':
    case 'SingleQuoted':
    case 'AnsiCQuoted':
      return [part.value];
    case 'DoubleQuoted':
      return part.parts.flatMap(piecesOf);
    default:
      return [HOLE];
  }
}

/** Bash expands a tilde at the start of a word, and after "=" or ":" in a word shaped like an assignment. */
function beginsWithTilde(text: string): boolean {
  return text.startsWith('~') || /^[A-Za-z_][A-Za-z0-9_]*\+?=(?:.*:)?~/s.test(text);
}
