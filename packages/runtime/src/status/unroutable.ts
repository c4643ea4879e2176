import { type AIInstance, type Candidate, type Choice, choose } from '@signalbox/router';
import type { Attempt, Task } from '@signalbox/task-core';
import { pastOfAI } from '../ais/health-of-ai.js';
import { attemptsToday, usesOf } from '../budgets/budget-of-attempt.js';
import { type Budgets, limitsDays } from '../budgets/budgets.js';
import { planBudget } from '../budgets/plan-budget.js';
import type { ProjectStore } from '../project/open-store.js';

/** Queued tasks that no AI can take as things are, for one reason. */
export interface Unroutable {
  /** In a few words, without a full stop. */
  reason: string;
  tasks: string[];
}

/** How many queued tasks are looked at, the first ones: a longer queue costs no more. */
const LOOKED_AT = 50;

/**
 * Which of the tasks that are next to be taken no AI can take, by why. Goes by what is known: nothing is probed, and what policy or an
 * agent's missing figures have against an AI is told by `task why`. An AI that is merely at work speaks against nothing.
 */
export async function findUnroutable(
  store: Pick<ProjectStore, 'tasks' | 'clock'>,
  ais: readonly AIInstance[],
  budgets: Budgets,
): Promise<Unroutable[]> {
  const { tasks: ready } = await store.tasks.list({ ready: true, limit: LOOKED_AT });
  if (ready.length === 0) return [];
  const now = store.clock.now();
  const today = limitsDays(budgets) ? await attemptsToday({ store }, now) : [];
  // As if none of them were at work.
  const idle = await Promise.all(ais.map(async (ai) => ({ ai, running: 0, ...(await pastOfAI(store, ai)) })));
  const found = new Map<string, string[]>();
  for (const task of ready) {
    const ofTask = (task.budget ?? budgets.task) ? await store.tasks.attempts(task.id) : [];
    const spent = { budgets, ofTask: ofTask.filter(({ finishedAt }) => finishedAt !== null), today, now };
    const candidates = idle.map((each): Candidate => ({ ...each, unfit: overBudget(task, each.ai, spent) }));
    const reason = whyNone(
      task,
      choose({ pin: task.ai, capabilities: task.capabilities, labels: task.labels }, candidates),
    );
    if (reason !== null) found.set(reason, [...(found.get(reason) ?? []), task.id]);
  }
  return [...found].map(([reason, tasks]) => ({ reason, tasks }));
}

interface Spent {
  budgets: Budgets;
  ofTask: readonly Attempt[];
  today: readonly Attempt[];
  now: number;
}

function overBudget(task: Task, ai: AIInstance, spent: Spent): string | null {
  const uses = usesOf(task, { id: ai.connector });
  const plan = planBudget({ ...spent, ai: ai.id, task: task.budget ?? {}, attempt: {}, uses });
  return 'refused' in plan ? plan.refused : null;
}

/** How many different things are told that speak against AIs. */
const TOLD = 3;

function whyNone(task: Task, { chosen, ranking }: Choice): string | null {
  if (chosen !== null) return null;
  if (task.ai !== null) {
    const pinned = ranking.find(({ ai }) => ai === task.ai);
    return pinned ? `pinned to ${task.ai}: ${pinned.removed}` : `pinned to ${task.ai}, which is not registered`;
  }
  if (ranking.length === 0) return 'no AI is registered';
  const against = new Map<string, string[]>();
  for (const { ai, removed } of ranking) against.set(removed ?? '', [...(against.get(removed ?? '') ?? []), ai]);
  const told = [...against].slice(0, TOLD).map(([removed, ais]) => `${ais.join(', ')}: ${removed}`);
  return [...told, ...(against.size > TOLD ? [`and ${against.size - TOLD} more`] : [])].join('; ');
}
