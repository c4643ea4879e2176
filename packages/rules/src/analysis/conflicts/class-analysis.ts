import type { Attributes } from '../../expression/evaluate.js';
import { type AnalysisOptions, Analyzer, type Satisfiability } from '../analyzer.js';
import type { Budget } from '../budget.js';
import { holdsFor } from '../condition.js';
import { allOf, anyOf, type Node, negate } from '../node.js';
import type { ActionClass } from './action-classes.js';
import { type AnalysedRule, matchConditions, plainConditions } from './rule.js';

/** Whether other rules match wherever one does; `core` are enough of them, none of which can be left out. */
export type Coverage =
  | { readonly status: 'covered'; readonly core: readonly AnalysedRule[] }
  | { readonly status: 'open'; readonly witness: Attributes }
  | { readonly status: 'unknown'; readonly reason: string };

/** Questions about the rules that are on one class of actions. */
export class ClassAnalysis {
  readonly analyzer: Analyzer;
  readonly rules: readonly AnalysedRule[];
  readonly #commandAttribute: string;
  readonly #nodes = new Map<AnalysedRule, Node>();

  constructor(actions: ActionClass, commandAttribute: string, options: AnalysisOptions, pool: Budget) {
    this.analyzer = new Analyzer({ ...options, required: actions.required }, pool);
    this.rules = actions.rules;
    this.#commandAttribute = commandAttribute;
  }

  matches(rule: AnalysedRule, attributes: Attributes): boolean {
    return matchConditions(rule, this.#commandAttribute).every((each) => holdsFor(each, attributes));
  }

  /** A request that all of `matched` match, none of `unmatched`, and, if any are given, one of `either`. */
  find(
    matched: readonly AnalysedRule[],
    unmatched: readonly AnalysedRule[] = [],
    either: readonly AnalysedRule[] | null = null,
  ): Satisfiability {
    const node = allOf([
      ...matched.map((rule) => this.#node(rule)),
      ...unmatched.map((rule) => negate(this.#node(rule))),
      either === null || anyOf(either.map((rule) => this.#node(rule))),
    ]);
    return this.analyzer.solve(
      node,
      (witness) =>
        matched.every((rule) => this.matches(rule, witness)) &&
        !unmatched.some((rule) => this.matches(rule, witness)) &&
        (either === null || either.some((rule) => this.matches(rule, witness))),
    );
  }

  /**
   * Whether every request that `rule` matches (and, if given, one of `either` too), or with `rule` null every request at all,
   * is matched by one of `others`. Guided by counterexamples: each witness that is not good enough names one more rule to
   * look at, so rules that have nothing to do with this one are never put to the search.
   */
  cover(
    rule: AnalysedRule | null,
    others: readonly AnalysedRule[],
    either: readonly AnalysedRule[] | null = null,
  ): Coverage {
    const own = rule === null ? [] : [rule];
    const core: AnalysedRule[] = [];
    for (;;) {
      const found = this.find(own, core, either);
      if (found.status === 'unknown') return found;
      if (found.status === 'unsatisfiable') {
        const kept = this.#shrink(own, core, either);
        return { status: 'covered', core: others.filter((other) => kept.includes(other)) };
      }
      const next = others.find((other) => this.matches(other, found.witness));
      if (!next) return { status: 'open', witness: found.witness };
      core.push(next);
    }
  }

  /** Whether `other` matches without errors only where `rule` does, so that with `rule` covered by it both are the same set. */
  isWithin(other: AnalysedRule, rule: AnalysedRule): boolean {
    const premises = plainConditions(other, this.#commandAttribute);
    return this.analyzer.find(premises, plainConditions(rule, this.#commandAttribute)).status === 'unsatisfiable';
  }

  #shrink(
    own: readonly AnalysedRule[],
    core: readonly AnalysedRule[],
    either: readonly AnalysedRule[] | null,
  ): readonly AnalysedRule[] {
    let kept = core;
    for (const candidate of core.slice(0, -1)) {
      const without = kept.filter((each) => each !== candidate);
      if (this.find(own, without, either).status === 'unsatisfiable') kept = without;
    }
    return kept;
  }

  #node(rule: AnalysedRule): Node {
    let node = this.#nodes.get(rule);
    if (node === undefined) {
      node = this.analyzer.conjunction(matchConditions(rule, this.#commandAttribute));
      this.#nodes.set(rule, node);
    }
    return node;
  }
}
