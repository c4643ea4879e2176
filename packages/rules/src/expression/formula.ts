import type { AttributeType } from './schema.js';

export type TextTest = 'startsWith' | 'endsWith' | 'contains' | 'glob';

/**
 * A checked expression. Every leaf asks one question of one attribute; no leaf ties two attributes together, which is what
 * keeps analysis complete. `offset` is where the leaf's attribute stands in the source (UTF-16, from 0).
 */
export type Formula =
  | { readonly kind: 'constant'; readonly value: boolean }
  | { readonly kind: 'not'; readonly operand: Formula }
  | { readonly kind: 'and' | 'or'; readonly operands: readonly Formula[] }
  | Leaf;

export type Leaf = { readonly attribute: string; readonly offset: number } & (
  | {
      readonly kind: 'has';
      /** `group`: the attribute is not declared itself, but members of it are. */
      readonly type: AttributeType | 'group';
    }
  | ({ readonly type: AttributeType } & ValueTest)
);

/** A question about the value of an attribute that is present. */
export type ValueTest =
  | { readonly kind: 'equals'; readonly value: boolean | number | string }
  | { readonly kind: 'order'; readonly operator: '<' | '<=' | '>' | '>='; readonly value: number }
  | { readonly kind: 'oneOf'; readonly values: readonly (number | string)[] }
  | { readonly kind: 'holds'; readonly value: string }
  | { readonly kind: 'text'; readonly test: TextTest; readonly value: string };

/** Every leaf of a formula, from left to right. */
export function leavesOf(formula: Formula): Leaf[] {
  switch (formula.kind) {
    case 'constant':
      return [];
    case 'not':
      return leavesOf(formula.operand);
    case 'and':
    case 'or':
      return formula.operands.flatMap(leavesOf);
    default:
      return [formula];
  }
}
