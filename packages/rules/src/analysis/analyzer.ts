import { RuleError } from '../errors.js';
import type { Attributes } from '../expression/evaluate.js';
import type { AttributeSchema } from '../expression/schema.js';
import { AtomTable } from './atom.js';
import { Budget, BudgetExceeded } from './budget.js';
import { type Condition, holdsFor, nodeOf } from './condition.js';
import { allOf, literal, type Node, negate } from './node.js';
import { findModel } from './search.js';
import { Theory } from './theory.js';
import { buildWitness } from './witness.js';

export const DEFAULT_BUDGET = 400_000;

export interface AnalysisOptions {
  /** Steps that one question may take before the answer is `unknown`; 400,000 unless given, which is well under a second. */
  readonly budget?: number;
  /** Attributes that every request has, with their types. Every other may be absent. */
  readonly required?: AttributeSchema;
  /**
   * What happens when the evaluator does not confirm a witness, which is a bug of the analysis: `unknown` unless given;
   * tests say `throw` (`RuleError` with code `WITNESS_UNCONFIRMED`).
   */
  readonly onUnconfirmed?: 'throw' | 'unknown';
}

/** `witness`: attributes for which the evaluator confirms the answer. */
export type Satisfiability =
  | { readonly status: 'satisfiable'; readonly witness: Attributes }
  | { readonly status: 'unsatisfiable' }
  | { readonly status: 'unknown'; readonly reason: string };

/** Answers questions about one set of conditions, and shares what it learns among them. Not safe to feed without end. */
export class Analyzer {
  readonly table = new AtomTable();
  readonly #theory = new Theory(this.table);
  readonly #options: AnalysisOptions;
  readonly #required: Node;
  readonly #pool: Budget | null;
  /** Questions put to the search so far. */
  calls = 0;

  /** `pool`: what all questions of several analyzers may take together. */
  constructor(options: AnalysisOptions, pool: Budget | null = null) {
    this.#options = options;
    this.#pool = pool;
    const required = Object.entries(options.required ?? {});
    this.#required = allOf(required.map(([name, type]) => literal(this.table.subject(name.split('.'), type).presence)));
  }

  conjunction(conditions: readonly Condition[]): Node {
    return allOf(conditions.map((condition) => nodeOf(condition, this.table)));
  }

  /** Some attributes for which the formula holds; `confirm` is asked whether it does indeed. */
  solve(node: Node, confirm: (witness: Attributes) => boolean): Satisfiability {
    this.calls++;
    try {
      const budget = new Budget(this.#options.budget ?? DEFAULT_BUDGET, this.#pool);
      const model = findModel(allOf([this.#required, node]), this.table, this.#theory, budget);
      if (model === null) return { status: 'unsatisfiable' };
      const witness = buildWitness(model);
      if (confirm(witness)) return { status: 'satisfiable', witness };
    } catch (thrown) {
      if (!(thrown instanceof BudgetExceeded)) throw thrown;
      return { status: 'unknown', reason: thrown.message };
    }
    const message = 'The evaluator does not confirm what the analysis found.';
    if (this.#options.onUnconfirmed === 'throw') {
      throw new RuleError({ code: 'WITNESS_UNCONFIRMED', message, hint: 'This is a bug of the analysis; report it.' });
    }
    return { status: 'unknown', reason: message };
  }

  /** Some attributes for which all of `conditions` hold and not all of `others` (if there are others). */
  find(conditions: readonly Condition[], others: readonly Condition[] | null): Satisfiability {
    const node = this.conjunction(conditions);
    const rest = others === null || negate(this.conjunction(others));
    return this.solve(
      allOf([node, rest]),
      (witness) =>
        conditions.every((each) => holdsFor(each, witness)) &&
        (others === null || !others.every((each) => holdsFor(each, witness))),
    );
  }
}
