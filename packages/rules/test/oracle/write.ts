import type { Cel } from './cel.js';

/** How a tree is spelled; its meaning is the same. */
export interface Spelling {
  readonly quote: '"' | "'";
  /** What stands around operators; with a comment it must end its line. */
  readonly gap: string;
  /** Whether operands stand in parentheses also where precedence makes them superfluous. */
  readonly parentheses: boolean;
}

export const PLAIN: Spelling = { quote: '"', gap: ' ', parentheses: true };

const PRECEDENCE: Readonly<Record<string, number>> = { '||': 1, '&&': 2 };
const RELATION = 3;
const UNARY = 4;
const MEMBER = 5;

/** The source of a tree. */
export function write(tree: Cel, spelling: Spelling = PLAIN): string {
  const { gap, quote } = spelling;
  switch (tree.kind) {
    case 'value':
      return literal(tree.value, quote);
    case 'list':
      return `[${tree.items.map((item) => literal(item, quote)).join(`,${gap}`)}]`;
    case 'name':
      return tree.path.join('.');
    case 'has':
      return `has(${tree.path.join('.')})`;
    case 'not':
      return `!${operand(tree.operand, UNARY, spelling)}`;
    case 'binary': {
      const level = precedence(tree);
      // "&&" and "||" group from the left; comparisons do not chain, so both sides of one bind closer.
      const leftLevel = level === RELATION ? UNARY : level;
      const between = tree.operator === 'in' ? gap || ' ' : gap;
      return `${operand(tree.left, leftLevel, spelling)}${between}${tree.operator}${between}${operand(tree.right, level + 1, spelling)}`;
    }
    case 'call':
      return `${write(tree.target, spelling)}.${tree.method}(${literal(tree.argument, quote)})`;
  }
}

function precedence(tree: Cel): number {
  if (tree.kind === 'binary') return PRECEDENCE[tree.operator] ?? RELATION;
  return tree.kind === 'not' ? UNARY : MEMBER;
}

function operand(tree: Cel, level: number, spelling: Spelling): string {
  const isCompound = tree.kind === 'binary' || tree.kind === 'not';
  const needed = precedence(tree) < level;
  return needed || (isCompound && spelling.parentheses) ? `(${write(tree, spelling)})` : write(tree, spelling);
}

/** JSON's escapes are all escapes of CEL too. */
function literal(value: boolean | number | string, quote: string): string {
  const text = JSON.stringify(value);
  if (typeof value !== 'string' || quote === '"') return text;
  return `'${text.slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
