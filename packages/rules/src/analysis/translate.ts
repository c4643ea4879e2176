import type { Formula, Leaf } from '../expression/formula.js';
import type { AtomTable } from './atom.js';
import { allOf, anyOf, atomsOf, literal, type Node, negate } from './node.js';

/**
 * The requests for which a condition is true (`expected` true) or false. A condition has a third outcome, an error, where an
 * attribute is absent; so "not true" is the negation of the first, not the second.
 */
export function translate(formula: Formula, expected: boolean, table: AtomTable): Node {
  switch (formula.kind) {
    case 'constant':
      return formula.value === expected;
    case 'not':
      return translate(formula.operand, !expected, table);
    case 'and':
    case 'or': {
      const items = formula.operands.map((operand) => translate(operand, expected, table));
      return (formula.kind === 'and') === expected ? allOf(items) : anyOf(items);
    }
    default:
      return translateLeaf(formula, expected, table);
  }
}

function translateLeaf(leaf: Leaf, expected: boolean, table: AtomTable): Node {
  const path = leaf.attribute.split('.');
  if (leaf.kind === 'has') return literal(table.subject(path, leaf.type).presence, expected);
  const subject = table.subject(path, leaf.type);
  if (leaf.kind === 'holds' && leaf.type === 'map') {
    const member = literal(table.subject([...path, leaf.value], 'string').presence);
    return expected ? member : allOf([literal(subject.presence), negate(member)]);
  }
  const atom = literal(table.idOf(subject, leaf));
  return expected ? atom : allOf([literal(subject.presence), negate(atom)]);
}

/** What holds of every request: where a member is present, so is what it is a member of. */
export function presenceClauses(node: Node, table: AtomTable): Node {
  const atoms = [...atomsOf(node)].map((id) => table.atom(id));
  const mentioned = new Set(atoms.map(({ subject }) => subject.name));
  const clauses = new Map<string, Node>();
  for (const { id, subject } of atoms) {
    for (let length = 1; length < subject.path.length; length++) {
      const owner = subject.path.slice(0, length).join('.');
      if (!mentioned.has(owner)) continue;
      const presence = table.known(owner)?.presence as number;
      clauses.set(`${id} ${presence}`, anyOf([literal(id, false), literal(presence)]));
    }
  }
  return allOf([...clauses.values()]);
}
