import type { Task } from '@signalbox/task-core';
import { answeredAI } from '../approvals/answered-ai.js';
import { RuntimeError } from '../errors.js';
import { type Claimed, type ClaimIntent, claimThroughDoor, taskAsk } from './claim-task.js';
import type { ExecutorEnv } from './env.js';
import { findCandidateProblem, type RouteWish } from './route.js';

/**
 * Claims for an execution. When no task is named, one is taken only if an AI is free for it: a claim that has to be given
 * back would leave entries and help nobody. Throws as `claimThroughDoor`, and `NO_CANDIDATE` for the first ready task if no
 * AI can take any; its details then say whether one is merely `busy`, and how many tasks were `passedOver`.
 */
export async function claimRoutable(env: ExecutorEnv, intent: ClaimIntent, wish: RouteWish): Promise<Claimed> {
  if (intent.task !== undefined) return claimThroughDoor(env.store.tasks, env.door, intent);
  const { records, clock } = env.store;
  const obligedBy = obligationsOf(env, intent);
  const problems = new Map<string, RuntimeError | null>();
  const unsuited: RuntimeError[] = [];
  const suits = async (task: Task): Promise<boolean> => {
    // Tasks that are alike in this are told apart by no AI, so a long queue costs no more than its kinds of tasks.
    // Where the attempts of a task have a budget together, each task stands alone.
    const own = (task.budget ?? env.budgets.task) ? task.id : null;
    const answered = (await answeredAI({ approvals: records.approvals, clock }, task.id))?.ai ?? null;
    const { type, ai, capabilities } = task;
    const kind = JSON.stringify([type === 'command', ai, capabilities, own, obligedBy(task), answered]);
    const known = problems.get(kind);
    const problem = known === undefined ? await findCandidateProblem(env, task, wish) : known;
    problems.set(kind, problem);
    if (problem) unsuited.push(problem);
    return problem === null;
  };
  try {
    return await claimThroughDoor(env.store.tasks, env.door, { ...intent, suits });
  } catch (error) {
    const [first] = unsuited;
    if (!first || !(error instanceof RuntimeError) || error.code !== 'NOTHING_READY') throw error;
    if (error.details?.['refused'] !== 0) throw error;
    const busy = unsuited.some((problem) => problem.details?.['busy'] === true);
    const returns = unsuited.flatMap(({ details }) =>
      typeof details?.['returns'] === 'number' ? [details['returns']] : [],
    );
    throw new RuntimeError({
      code: first.code,
      message: first.message,
      ...(first.hint === undefined ? {} : { hint: first.hint }),
      details: {
        ...{ ...first.details, busy, passedOver: unsuited.length },
        ...(returns.length > 0 ? { returns: Math.min(...returns) } : {}),
      },
    });
  }
}

/** Which obligations policy puts on the execution of a task, where any rule has some: they decide which AI is fit. */
function obligationsOf(env: ExecutorEnv, { actor }: ClaimIntent): (task: Task) => string[] {
  const { rules } = env.loadPolicy(env.store.paths.root, undefined);
  if (!rules.some(({ obligations }) => obligations.length > 0)) return () => [];
  return (task) => {
    const { obligations } = env.door.judge(taskAsk(actor, 'task.execute', task));
    return obligations.map(({ rule, kind, want }) => `${rule} ${kind} ${want}`);
  };
}
