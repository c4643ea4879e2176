import type { Budget } from './budget.js';

/** A boolean formula over atoms in negation normal form: negation stands at atoms only. */
export type Node =
  | boolean
  | { readonly kind: 'literal'; readonly atom: number; readonly positive: boolean }
  | { readonly kind: 'and' | 'or'; readonly items: readonly Node[] };

export function literal(atom: number, positive = true): Node {
  return { kind: 'literal', atom, positive };
}

export function allOf(items: readonly Node[]): Node {
  return join('and', items, false);
}

export function anyOf(items: readonly Node[]): Node {
  return join('or', items, true);
}

function join(kind: 'and' | 'or', items: readonly Node[], decisive: boolean): Node {
  const kept: Node[] = [];
  for (const item of items) {
    if (item === decisive) return decisive;
    if (typeof item === 'boolean') continue;
    if (item.kind === kind) kept.push(...item.items);
    else kept.push(item);
  }
  if (kept.length === 0) return !decisive;
  return kept.length === 1 ? (kept[0] as Node) : { kind, items: kept };
}

export function negate(node: Node): Node {
  if (typeof node === 'boolean') return !node;
  if (node.kind === 'literal') return literal(node.atom, !node.positive);
  return { kind: node.kind === 'and' ? 'or' : 'and', items: node.items.map(negate) };
}

/** The formula that remains when the assigned atoms have their values. */
export function simplify(node: Node, assigned: ReadonlyMap<number, boolean>, budget: Budget): Node {
  budget.spend(1);
  if (typeof node === 'boolean') return node;
  if (node.kind === 'literal') {
    const value = assigned.get(node.atom);
    return value === undefined ? node : value === node.positive;
  }
  const decisive = node.kind === 'or';
  const items: Node[] = [];
  for (const item of node.items) {
    const rest = simplify(item, assigned, budget);
    if (rest === decisive) return decisive;
    items.push(rest);
  }
  return join(node.kind, items, decisive);
}

/** The numbers of all atoms in it. */
export function atomsOf(node: Node, into = new Set<number>()): Set<number> {
  if (typeof node === 'boolean') return into;
  if (node.kind === 'literal') into.add(node.atom);
  else for (const item of node.items) atomsOf(item, into);
  return into;
}
