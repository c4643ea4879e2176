import type { Formula, Leaf } from '@signalbox/rules';
import type { Rule } from '../file/layer.js';

/**
 * Values of an attribute outside of which a condition never holds. `all`: no such values are known. `exact`: the condition
 * holds for each of them and asks for nothing else.
 */
export type Bound =
  | { readonly kind: 'all'; readonly exact: boolean }
  | { readonly kind: 'some'; readonly values: readonly string[]; readonly exact: boolean };

/** What a leaf about the attribute says as patterns; `null` if it cannot be said. */
export type LeafBound = (leaf: Leaf) => readonly string[] | null;

const ANYTHING: Bound = { kind: 'all', exact: true };
const UNKNOWN: Bound = { kind: 'all', exact: false };

/** The bound of a rule's condition, and whether `unless` takes something out of it. The subject is taken to be an AI. */
export function boundOf(rule: Rule, leafBound: LeafBound): { bound: Bound; unless: boolean } {
  const bound = rule.when ? bounded(forAnAi(rule.when.formula), leafBound) : ANYTHING;
  const unless = rule.unless ? forAnAi(rule.unless.formula) : null;
  return { bound, unless: unless !== null && !(unless.kind === 'constant' && !unless.value) };
}

function bounded(formula: Formula, leafBound: LeafBound): Bound {
  switch (formula.kind) {
    case 'constant':
      return formula.value ? ANYTHING : { kind: 'some', values: [], exact: true };
    case 'not':
      return UNKNOWN;
    case 'and':
      return both(formula.operands.map((operand) => bounded(operand, leafBound)));
    case 'or':
      return either(formula.operands.map((operand) => bounded(operand, leafBound)));
    default: {
      const values = leafBound(formula);
      return values === null ? UNKNOWN : { kind: 'some', values, exact: true };
    }
  }
}

function both(bounds: readonly Bound[]): Bound {
  const narrow = bounds.filter((bound) => bound.kind === 'some').sort((a, b) => a.values.length - b.values.length)[0];
  const restIsFree = bounds.every((bound) => bound === narrow || (bound.kind === 'all' && bound.exact));
  return narrow ? { ...narrow, exact: narrow.exact && restIsFree } : restIsFree ? ANYTHING : UNKNOWN;
}

function either(bounds: readonly Bound[]): Bound {
  if (bounds.some((bound) => bound.kind === 'all' && bound.exact)) return ANYTHING;
  const values: string[] = [];
  for (const bound of bounds) {
    if (bound.kind === 'all') return UNKNOWN;
    values.push(...bound.values);
  }
  return { kind: 'some', values: [...new Set(values)], exact: bounds.every(({ exact }) => exact) };
}

/** A formula with what is known of the one who asks put in, and constants taken out. */
export function forAnAi(formula: Formula): Formula {
  switch (formula.kind) {
    case 'not': {
      const operand = forAnAi(formula.operand);
      return operand.kind === 'constant' ? { kind: 'constant', value: !operand.value } : { kind: 'not', operand };
    }
    case 'and':
    case 'or': {
      const decides = formula.kind === 'or';
      const operands = formula.operands
        .map(forAnAi)
        .filter((each) => each.kind !== 'constant' || each.value === decides);
      if (operands.some((each) => each.kind === 'constant')) return { kind: 'constant', value: decides };
      const [only] = operands;
      if (only === undefined) return { kind: 'constant', value: !decides };
      return operands.length === 1 ? only : { kind: formula.kind, operands };
    }
    case 'equals':
      return formula.attribute === 'subject.kind' ? { kind: 'constant', value: formula.value === 'ai' } : formula;
    case 'oneOf':
      return formula.attribute === 'subject.kind'
        ? { kind: 'constant', value: formula.values.includes('ai') }
        : formula;
    default:
      return formula;
  }
}
