import type { HereDoc, Redirection, WordPart } from 'unbash';
import { readWord } from './word.js';

interface OpenedFile {
  readonly action: 'file.read' | 'file.write';
  readonly target: string;
}

export interface ReadRedirect {
  readonly files: readonly OpenedFile[];
  /** Why the redirection cannot be judged; one phrase each. */
  readonly doubts: readonly string[];
}

const NOTHING: ReadRedirect = { files: [], doubts: [] };
const STANDARD = new Set(['/dev/null', '/dev/stdin', '/dev/stdout', '/dev/stderr']);

/** The files that a redirection opens. */
export function readRedirect(redirection: Redirection): ReadRedirect {
  if (redirection.type === 'HereDoc') return readHereDoc(redirection);
  if (redirection.descriptor?.type === 'FileDescriptorVariable') return doubt('a redirection sets a variable');
  if (redirection.type === 'HereString') {
    return redirection.target && isPlainData(redirection.target.parts) ? NOTHING : doubt('a here-string is dynamic');
  }
  const target = redirection.target ? readWord(redirection.target).value : null;
  if (target === null) return doubt(`a redirection to ${redirection.target?.text ?? 'nothing'} is dynamic`);
  // In zsh `>! file` writes the file.
  if (target === '!') return doubt('a redirection to ! is not the same in every shell');
  if (redirection.operator === '>&' && /^(?:\d+-?|-)$/.test(target)) return NOTHING;
  if (redirection.operator === '<&')
    return /^(?:\d+-?|-)$/.test(target) ? NOTHING : doubt('a descriptor is not a number');
  if (STANDARD.has(target)) return NOTHING;
  if (/^\/dev\/(?:tcp|udp)\//.test(target)) return doubt('a redirection opens a network connection');
  return { files: actionsOf(redirection.operator).map((action) => ({ action, target })), doubts: [] };
}

function actionsOf(operator: string): OpenedFile['action'][] {
  if (operator === '<') return ['file.read'];
  return operator === '<>' ? ['file.read', 'file.write'] : ['file.write'];
}

/** The body of a quoted here-document has no parts: it is taken as it stands. */
function readHereDoc({ delimiter, body }: HereDoc): ReadRedirect {
  if (!delimiter || delimiter.value.includes('\n')) return doubt('a here-document has no end');
  // Its lines are joined before a substitution in them is read, inside single quotes too.
  if (body.parts?.some((part) => part.type !== 'Literal' && part.text.includes('\\\n'))) {
    return doubt('a here-document joins lines of a substitution');
  }
  return isPlainData(body.parts) ? NOTHING : doubt('a here-document evaluates an expression');
}

/** Text in which variables and commands may be substituted, but nothing is assigned or computed. */
function isPlainData(parts: readonly WordPart[] | undefined): boolean {
  return (parts ?? []).every((part) => {
    if (part.type === 'ArithmeticExpansion' || part.type === 'ProcessSubstitution') return false;
    if (part.type === 'ParameterExpansion') return !part.operation && !part.index && part.prefix === undefined;
    return part.type !== 'DoubleQuoted' || isPlainData(part.parts);
  });
}

function doubt(phrase: string): ReadRedirect {
  return { files: [], doubts: [phrase] };
}
