import type { Connector } from '@signalbox/connectors';
import { isoTime } from '@signalbox/kernel';
import type { AIInstance } from '@signalbox/router';
import type { Attempt, AttemptDraft, Budget, Task } from '@signalbox/task-core';
import { currentActor } from '../actor.js';
import { leftOf, spentOn } from '../door/budget.js';
import { taskAsk } from '../executor/claim-task.js';
import type { ExecutorEnv } from '../executor/env.js';
import { DIMENSIONS, type Dimension, limitsDays, strictest } from './budgets.js';
import { type BudgetPlan, type BudgetQuestion, planBudget } from './plan-budget.js';

/** What limits attempts here, looked at once for several AIs. */
export interface BudgetView {
  of(ai: AIInstance, connector: Connector): BudgetPlan;
  /** For starting one: what is reserved, and the same question once more in the transaction. Null if there is no room. */
  admit(ai: AIInstance, connector: Connector): { reserved: Budget; admission?: AttemptDraft['admission'] } | null;
}

/** `extra`: what whoever executes the task allows the attempt. */
export async function viewBudgets(env: ExecutorEnv, task: Task, extra: Budget = {}): Promise<BudgetView> {
  const { budgets, store } = env;
  const now = store.clock.now();
  const since = isoTime(dayOf(now));
  const hasDays = limitsDays(budgets);
  const today = hasDays ? await attemptsToday(env, now) : [];
  const ofTask = (await store.tasks.attempts(task.id)).filter(({ finishedAt }) => finishedAt !== null);
  const attempt = strictest(extra, await policyLeft(env, task));
  const question = (ai: AIInstance, connector: Connector): BudgetQuestion => ({
    ...{ budgets, ai: ai.id, task: task.budget ?? {}, attempt, ofTask, today, now },
    uses: usesOf(task, connector),
  });
  return {
    of: (ai, connector) => planBudget(question(ai, connector)),
    admit(ai, connector) {
      const asked = question(ai, connector);
      const plan = planBudget(asked);
      if ('refused' in plan) return null;
      if (!hasDays) return { reserved: plan.limit };
      const refuses = (attempts: readonly Attempt[]): string | null => {
        const again = planBudget({ ...asked, attempt: plan.limit, today: attempts });
        return 'refused' in again ? again.refused : null;
      };
      return { reserved: plan.limit, admission: { since, refuses } };
    },
  };
}

const DAY_MS = 24 * 60 * 60_000;

/** When the day (UTC) of a moment began; milliseconds since the epoch. */
function dayOf(now: number): number {
  return now - (now % DAY_MS);
}

/** What an agent that drives no model uses is time alone. */
export function usesOf(task: Task, connector: Pick<Connector, 'id'>): readonly Dimension[] {
  return task.type === 'command' && connector.id === 'command' ? ['timeMs'] : DIMENSIONS;
}

/** All that are under way or have ended in the day (UTC) of `now`. */
export async function attemptsToday(
  { store }: { store: Pick<ExecutorEnv['store'], 'tasks'> },
  now: number,
): Promise<Attempt[]> {
  const since = isoTime(dayOf(now));
  const found: Attempt[] = (await store.tasks.held()).flatMap(({ attempt }) =>
    attempt && attempt.finishedAt === null ? [attempt] : [],
  );
  let cursor: string | undefined;
  do {
    const page = await store.tasks.endedAttempts({ since, limit: 10_000, ...(cursor === undefined ? {} : { cursor }) });
    found.push(...page.attempts);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return found;
}

/** What policy leaves of the task's budget. */
async function policyLeft(env: ExecutorEnv, task: Task): Promise<Budget> {
  const decision = env.door.judge(taskAsk(currentActor(null), 'task.execute', task));
  return leftOf(decision, await spentOn(env.store.tasks, task.id));
}
