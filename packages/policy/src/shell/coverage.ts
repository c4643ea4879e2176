import { forEachChild, type ParsedScript, type SyntaxNode } from 'unbash';

const WHOLE = new Set(['Word', 'Assignment', 'Redirect', 'HereString', 'HereDoc', 'TestCommand', 'ArithmeticCommand']);

/**
 * Whether the tree accounts for every character of its part of `source`. The parser recovers from some errors without reporting them
 * (unbash 6.0.4 reads `ls (` as `ls`), and what it skipped is what would not be judged.
 */
export function isFullyCovered(script: ParsedScript, source: string): boolean {
  const rest = source.split('');
  blank(script, rest);
  const left = rest
    .slice(script.pos, script.end)
    .join('')
    .replace(/\\\n/g, ' ')
    .replace(/(^|[\s;&|()])#[^\n]*/g, '$1');
  const words = left.match(/[^\s;&|(){}!<>]+/g) ?? [];
  const opened = left.split('(').length;
  const closed = left.split(')').length;
  return opened === closed && words.every((word) => KEYWORDS.has(word));
}

const KEYWORDS = new Set(
  'if then elif else fi for in do done while until case esac select function coproc time -p --'.split(' '),
);

/** Blanks whatever the tree accounts for; commands inside words are checked when their own script is. */
function blank(node: SyntaxNode, rest: string[]): void {
  if (WHOLE.has(node.type)) {
    rest.fill(' ', node.pos, node.end);
    if (node.type === 'HereDoc') rest.fill(' ', node.body.pos, node.closing?.end ?? node.body.end);
    return;
  }
  forEachChild(node, (child) => blank(child, rest));
}
