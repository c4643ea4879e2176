import { type PolicyDecisionRecord, parseBudget } from '@signalbox/policy';
import type { TaskStore } from '@signalbox/task-core';
import { sumOf } from '../budgets/used.js';

export type Spent = { usd: number; tokens: number };

/** What the attempts of a task count for: what their agents told, or what was reserved where they did not. */
export async function spentOn(tasks: Pick<TaskStore, 'attempts'>, task: string): Promise<Spent> {
  // The time, of which policy has no budget, is all that depends on now.
  const { usd, tokens } = sumOf(await tasks.attempts(task), 0);
  return { usd, tokens };
}

/** The rules that set a budget, of those that a decision rests on. */
export function budgetRules({ obligations }: Pick<PolicyDecisionRecord, 'obligations'>): string[] {
  return obligations.filter(({ kind }) => kind === 'budget').map(({ rule }) => rule);
}

/** What is left of the smallest budgets that a decision sets; what it sets none of is absent. */
export function leftOf({ obligations }: Pick<PolicyDecisionRecord, 'obligations'>, spent: Spent): Partial<Spent> {
  const left: Partial<Spent> = {};
  for (const { kind, want } of obligations) {
    const budget = kind === 'budget' ? parseBudget(want) : null;
    if (!budget) continue;
    const [what, amount] = 'usd' in budget ? (['usd', budget.usd] as const) : (['tokens', budget.tokens] as const);
    left[what] = Math.min(left[what] ?? Infinity, Math.max(0, amount - spent[what]));
  }
  return left;
}
