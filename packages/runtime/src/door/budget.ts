import type { JsonObject } from '@signalbox/kernel';
import { type PolicyDecisionRecord, parseBudget } from '@signalbox/policy';
import type { TaskStore } from '@signalbox/task-core';

export type Spent = { usd: number; tokens: number };

/** What the attempts of a task have cost, as far as their agents told. */
export async function spentOn(tasks: Pick<TaskStore, 'attempts'>, task: string): Promise<Spent> {
  const spent = { usd: 0, tokens: 0 };
  for (const { data } of await tasks.attempts(task)) {
    const { costUsd, inputTokens, outputTokens } = (data['usage'] ?? {}) as JsonObject;
    spent.usd += amount(costUsd);
    spent.tokens += amount(inputTokens) + amount(outputTokens);
  }
  return spent;
}

function amount(value: unknown): number {
  return typeof value === 'number' && value > 0 ? value : 0;
}

/** The rules that set a budget, of those that a decision rests on. */
export function budgetRules({ obligations }: Pick<PolicyDecisionRecord, 'obligations'>): string[] {
  return obligations.filter(({ kind }) => kind === 'budget').map(({ rule }) => rule);
}

/** What is left of the smallest budget in US dollars; null where a decision sets none. */
export function usdLeft({ obligations }: Pick<PolicyDecisionRecord, 'obligations'>, spent: Spent): number | null {
  const budgets = obligations.flatMap(({ kind, want }) => {
    const budget = kind === 'budget' ? parseBudget(want) : null;
    return budget && 'usd' in budget ? [budget.usd] : [];
  });
  if (budgets.length === 0) return null;
  return Math.max(0, Math.min(...budgets) - spent.usd);
}
