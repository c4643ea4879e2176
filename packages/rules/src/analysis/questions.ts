import type { Attributes } from '../expression/evaluate.js';
import { type AnalysisOptions, Analyzer, type Satisfiability } from './analyzer.js';
import type { Condition } from './condition.js';

/** `witness`: attributes for which what was asked does not hold. */
export type Entailment =
  | { readonly status: 'holds' }
  | { readonly status: 'fails'; readonly witness: Attributes }
  | { readonly status: 'unknown'; readonly reason: string };

/** Whether there are attributes of the declared types for which all the conditions hold together, and which. */
export function checkSatisfiable(conditions: readonly Condition[], options: AnalysisOptions = {}): Satisfiability {
  return new Analyzer(options).find(conditions, null);
}

/** Whether all of `conclusions` hold wherever all of `premises` do. */
export function checkImplication(
  premises: readonly Condition[],
  conclusions: readonly Condition[],
  options: AnalysisOptions = {},
): Entailment {
  return entailment(new Analyzer(options).find(premises, conclusions));
}

/** Whether both lists of conditions hold for the same attributes. */
export function checkEquivalence(
  first: readonly Condition[],
  second: readonly Condition[],
  options: AnalysisOptions = {},
): Entailment {
  const analyzer = new Analyzer(options);
  const there = entailment(analyzer.find(first, second));
  if (there.status === 'fails') return there;
  const back = entailment(analyzer.find(second, first));
  return back.status === 'holds' ? there : back;
}

function entailment(found: Satisfiability): Entailment {
  if (found.status === 'unsatisfiable') return { status: 'holds' };
  return found.status === 'satisfiable' ? { status: 'fails', witness: found.witness } : found;
}
