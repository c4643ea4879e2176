import type { LeafBound } from './bound.js';

const MAX_EXPANDED = 64;

/** What a condition says about `resource.path`, as globs without braces. */
export const pathLeaf: LeafBound = (leaf) => {
  if (leaf.attribute !== 'resource.path') return null;
  switch (leaf.kind) {
    case 'equals':
      return isPlain(String(leaf.value)) ? [String(leaf.value)] : null;
    case 'oneOf':
      return leaf.values.every((value) => isPlain(String(value))) ? leaf.values.map(String) : null;
    case 'text':
      return textGlobs(leaf.test, leaf.value);
    default:
      return null;
  }
};

function textGlobs(test: string, value: string): readonly string[] | null {
  if (test === 'glob') return expandBraces(value);
  if (!isPlain(value)) return null;
  if (test === 'startsWith') return [`${value}*`, `${value}*/**`];
  if (value.includes('/')) return null;
  return test === 'endsWith' ? [`**/*${value}`] : [`**/*${value}*`, `**/*${value}*/**`];
}

/** Without anything that a glob takes for a pattern. */
function isPlain(text: string): boolean {
  return text !== '' && !/[*?[\]{},\\]/.test(text);
}

/** Every way to choose among the braces of a glob; `null` if they are too many or nested. */
export function expandBraces(glob: string): string[] | null {
  if (glob.includes('\\')) return null;
  let texts = [''];
  for (const part of glob.split(/(\{[^{}]*\})/)) {
    const isChoice = part.startsWith('{') && part.endsWith('}');
    if (!isChoice && /[{}]/.test(part)) return null;
    const choices = isChoice ? part.slice(1, -1).split(',') : [part];
    texts = texts.flatMap((text) => choices.map((choice) => text + choice));
    if (texts.length > MAX_EXPANDED) return null;
  }
  return texts;
}
