import type { Attributes, EvaluationFailure } from '../expression/evaluate.js';
import type { Formula } from '../expression/formula.js';
import { type ArgvPattern, matchesArgv } from './argv-pattern.js';
import type { AtomTable } from './atom.js';
import { literal, type Node, negate } from './node.js';
import { translate } from './translate.js';

/** What a condition has to come to; `not-true` and `not-false` include the error for an absent attribute. */
export type Expected = 'true' | 'false' | 'not-true' | 'not-false';

/** What analysis needs of an `Expression`. */
export interface Judgeable {
  readonly formula: Formula;
  outcome(attributes: Attributes): boolean | EvaluationFailure;
}

/**
 * One of several conditions that hold together: an expression, or a pattern over a list of words (`attribute`, of type
 * `set`), which is false of an attribute that is absent. `expect` is `true` unless given.
 */
export type Condition =
  | { readonly expression: Judgeable; readonly expect?: Expected }
  | { readonly argv: ArgvPattern; readonly attribute: string; readonly expect?: Expected };

export function nodeOf(condition: Condition, table: AtomTable): Node {
  const { expect = 'true' } = condition;
  const wanted = expect === 'true' || expect === 'not-true';
  const isNegated = expect === 'not-true' || expect === 'not-false';
  if ('argv' in condition) {
    const subject = table.subject(condition.attribute.split('.'), 'set');
    const matches = literal(table.idOf(subject, { kind: 'argv', pattern: condition.argv }));
    return wanted !== isNegated ? matches : negate(matches);
  }
  const node = translate(condition.expression.formula, wanted, table);
  return isNegated ? negate(node) : node;
}

/** Whether a condition comes to what is expected of it, by the evaluator. */
export function holdsFor(condition: Condition, attributes: Attributes): boolean {
  const outcome =
    'argv' in condition
      ? matchesArgv(condition.argv, valueAt(attributes, condition.attribute.split('.')))
      : condition.expression.outcome(attributes);
  switch (condition.expect ?? 'true') {
    case 'true':
      return outcome === true;
    case 'false':
      return outcome === false;
    case 'not-true':
      return outcome !== true;
    case 'not-false':
      return outcome !== false;
  }
}

export function valueAt(attributes: Attributes, path: readonly string[]): unknown {
  let value: unknown = attributes;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) return undefined;
    value = (value as Attributes)[part];
  }
  return value;
}
