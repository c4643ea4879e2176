import type { Attempt, Budget } from '@signalbox/task-core';
import { type Budgets, type Dimension, describeAmount, strictest } from './budgets.js';
import { type Amounts, sumOf } from './used.js';

export interface BudgetQuestion {
  budgets: Budgets;
  ai: string;
  /** The task's own. */
  task: Budget;
  /** What policy, or whoever executes it, says of this attempt. */
  attempt: Budget;
  /** All attempts of the task that have ended. */
  ofTask: readonly Attempt[];
  /** All attempts that are under way or ended today, of every task. May be empty where no day is limited. */
  today: readonly Attempt[];
  /** Of what the budgets limit, what the attempt can use at all: a run line uses time alone. */
  uses: readonly Dimension[];
  now: number;
}

/** What an attempt may use, and that is reserved for it; or why it may not start, in a sentence without its end. */
export type BudgetPlan = { limit: Budget } | { refused: string };

/** Says what is left for one more attempt. It gets a whole one or none: what its budgets say, reserved before it starts. Pure. */
export function planBudget(question: BudgetQuestion): BudgetPlan {
  const { budgets, ai, ofTask, today, uses, now } = question;
  const task = strictest(budgets.task, question.task);
  const attempt = strictest(budgets.attempt, question.attempt);
  const usedByTask = sumOf(ofTask, now);
  const days = [
    {
      name: `the budget of ${ai} for today`,
      budget: strictest(budgets.ai, budgets.ais?.[ai]),
      used: sumOf(
        today.filter((attempt) => attempt.ai === ai),
        now,
      ),
    },
    { name: 'the budget of the project for today', budget: budgets.day ?? {}, used: sumOf(today, now) },
  ];
  const limit: Budget = {};
  for (const what of uses) {
    const ofTheTask = left(task[what], usedByTask[what]);
    if (ofTheTask <= 0) return { refused: usedUp('the budget of the task', what, usedByTask, ofTheTask) };
    const wanted = Math.min(attempt[what] ?? Infinity, ofTheTask);
    let mine = wanted;
    for (const { name, budget, used } of days) {
      const remains = left(budget[what], used[what]);
      if (remains <= 0) return { refused: usedUp(name, what, used, remains) };
      if (wanted !== Infinity && wanted > remains) {
        const have = `${name} has ${describeAmount(what, remains)} left`;
        return { refused: `${have}, and an attempt gets ${describeAmount(what, wanted)}` };
      }
      mine = Math.min(mine, remains);
    }
    if (mine !== Infinity) limit[what] = mine;
  }
  return { limit };
}

function left(budget: number | undefined, used: number): number {
  return budget === undefined ? Infinity : budget - used;
}

function usedUp(name: string, what: Dimension, used: Amounts, remains: number): string {
  const whole = used[what] + remains;
  return `${name} is used up (${describeAmount(what, used[what])} of ${describeAmount(what, whole)})`;
}
