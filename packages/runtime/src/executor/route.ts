import type { Connector, ProbeReport } from '@signalbox/connectors';
import { rulesNeedingApproval } from '@signalbox/policy';
import { type AIInstance, type Candidate, type Choice, choose, placesOf, type RoutingNeed } from '@signalbox/router';
import type { Budget, Task } from '@signalbox/task-core';
import { currentActor } from '../actor.js';
import { pastOfAI } from '../ais/health-of-ai.js';
import { answeredAI } from '../approvals/answered-ai.js';
import { type BudgetView, viewBudgets } from '../budgets/budget-of-attempt.js';
import { neverTold } from '../budgets/never-told.js';
import { budgetRules } from '../door/budget.js';
import type { RuntimeError } from '../errors.js';
import { sandboxProblem } from '../sandbox/sandbox-service.js';
import { taskAsk } from './claim-task.js';
import type { ExecutorEnv } from './env.js';
import { noCandidate } from './no-candidate.js';
import { probeAI } from './probe-ai.js';

export interface Route {
  ai: AIInstance;
  /** How many attempts it may run at once as things are. */
  places: number;
  connector: Connector;
  choice: Choice;
  /** What is left for it. */
  budgets: BudgetView;
}

/** What whoever executes a task asks of the choice. */
export interface RouteWish {
  /** Only this AI. */
  pin: string | null;
  /** What the attempt may use, beyond what the project and the task say. */
  budget?: Budget;
}

/** Chooses an AI for a task. Throws `NO_CANDIDATE` saying what speaks against each. */
export async function routeTask(env: ExecutorEnv, task: Task, wish: RouteWish): Promise<Route> {
  const { choice, need, busy, candidates, budgets, overBudget } = await rankAIs(env, task, wish);
  const { chosen } = choice;
  const connector = chosen && (await env.connectors.find(chosen.connector));
  if (chosen && connector) {
    const health = candidates.find(({ ai }) => ai.id === chosen.id)?.health;
    return { ai: chosen, places: placesOf(chosen, health), connector, choice, budgets };
  }
  throw noCandidate(task, { choice, pin: need.pin, busy, overBudget });
}

/** As `routeTask` would throw, without taking anything; null if an AI is free for the task. */
export async function findCandidateProblem(
  env: ExecutorEnv,
  task: Task,
  wish: RouteWish,
): Promise<RuntimeError | null> {
  const { choice, need, busy, overBudget } = await rankAIs(env, task, wish);
  return choice.chosen === null ? noCandidate(task, { choice, pin: need.pin, busy, overBudget }) : null;
}

interface Ranking {
  choice: Choice;
  need: RoutingNeed;
  /** None is free now, but one will be. */
  busy: boolean;
  candidates: Candidate[];
  budgets: BudgetView;
  /** The ids of those that a budget keeps away. */
  overBudget: ReadonlySet<string>;
}

/** Every registered AI, as the router sees it for this task. */
export async function rankAIs(env: ExecutorEnv, task: Task, { pin, budget }: RouteWish): Promise<Ranking> {
  const budgets = await viewBudgets(env, task, budget);
  const ais = await env.store.ais.list();
  const held = await env.store.tasks.held();
  const overBudget = new Set<string>();
  const candidates = await Promise.all(
    ais.map(async (ai): Promise<Candidate> => {
      const running = held.filter(({ attempt }) => attempt?.ai === ai.id && attempt.finishedAt === null).length;
      // Only those still in question are probed: a probe may start a program.
      const asked = pin ?? task.ai;
      if (asked !== null && asked !== ai.id) return { ai, running, unfit: null };
      const unfit = await findUnfit(env, { task, ai, budgets, overBudget });
      // As it is once it has been probed.
      const probed = await env.store.ais.get(ai.id).catch(() => ai);
      return { ai: probed, running, unfit, ...(await pastOfAI(env.store, probed)) };
    }),
  );
  const idle = candidates.map((candidate) => ({ ...candidate, running: 0 }));
  const asked = { pin: pin ?? task.ai, capabilities: task.capabilities, labels: task.labels };
  const need = asked.pin === null ? await needAnswered(env, task, asked, idle) : asked;
  const choice = choose(need, candidates);
  const busy = choice.chosen === null && choose(need, idle).chosen !== null;
  return { choice, need, busy, candidates, budgets, overBudget };
}

/** What a person has said to one AI is for that one alone, as long as it is there to take it. */
async function needAnswered(
  env: ExecutorEnv,
  task: Task,
  need: RoutingNeed,
  idle: readonly Candidate[],
): Promise<RoutingNeed> {
  const { records, clock } = env.store;
  const answered = await answeredAI({ approvals: records.approvals, clock }, task.id);
  if (answered === null) return need;
  const { ai, approval } = answered;
  const pinned = { ...need, pin: ai, pinReason: `${ai} asked ${approval.id}, and the answer is for it alone` };
  return choose(pinned, idle).chosen === null ? need : pinned;
}

interface Suitor {
  task: Task;
  ai: AIInstance;
  budgets: BudgetView;
  /** Where it is noted that a budget is what keeps this one away. */
  overBudget: Set<string>;
}

async function findUnfit(env: ExecutorEnv, { task, ai, budgets, overBudget }: Suitor): Promise<string | null> {
  const connector = await env.connectors.find(ai.connector);
  if (!connector) return unknownProblem(env, ai.connector);
  const isCommand = task.type === 'command';
  if (isCommand && connector.capabilities.prompts && connector.id !== 'command')
    return 'it takes prompts, not commands';
  const probe = await probeAI(env, ai, connector);
  const unfit =
    probeProblem(probe) ??
    (await sandboxProblem(env, env.loadPolicy(env.store.paths.root, ai.id))) ??
    promptProblem(task, ai, connector) ??
    approvalProblem(env, { task, ai }, probe);
  if (unfit !== null) return unfit;
  const over = budgetProblem(env, { task, ai, budgets }, connector);
  if (over !== null) overBudget.add(ai.id);
  return over;
}

async function unknownProblem(env: ExecutorEnv, connector: string): Promise<string> {
  const { problems } = await env.connectors.list();
  return [`its connector "${connector}" is not known`, ...problems].join('; ');
}

function probeProblem(probe: ProbeReport): string | null {
  const problem = probe.problems[0];
  if (!probe.installed || probe.login === 'missing') {
    return problem ? `${problem.message} ${problem.hint}` : 'it is not installed';
  }
  return null;
}

function promptProblem(task: Task, ai: AIInstance, connector: Connector): string | null {
  if (task.type === 'command' || connector.id !== 'command') return null;
  return 'argv' in ai.config || 'shell' in ai.config
    ? null
    : 'it has no program of its own, so it can only run commands';
}

/**
 * An agent that asks nobody before it acts cannot be held to a rule that must be enforced at the moment of acting. The run
 * line of a `command` task is judged before it starts, so that one is.
 */
function approvalProblem(
  env: ExecutorEnv,
  { task, ai }: Pick<Suitor, 'task' | 'ai'>,
  { capabilities }: ProbeReport,
): string | null {
  if (capabilities.approvals || task.type === 'command') return null;
  const policy = env.loadPolicy(env.store.paths.root, ai.id);
  // A broken file denies the execution itself, and that is what has to be told; one of the AI's own speaks against the AI.
  if (policy.layers.some(({ scope, state }) => scope !== 'ai' && state === 'invalid')) return null;
  const rules = rulesNeedingApproval(policy);
  return rules.length > 0 ? `it cannot ask for approval, and policy requires that of ${rules.join(', ')}` : null;
}

/** What an agent does not tell cannot be held against a budget. A run line costs nothing but time. */
function budgetProblem(
  env: ExecutorEnv,
  { task, ai, budgets }: Omit<Suitor, 'overBudget'>,
  connector: Connector,
): string | null {
  const plan = budgets.of(ai, connector);
  if ('refused' in plan) return plan.refused;
  if (task.type === 'command') return null;
  const never = neverTold(connector, plan.limit);
  if (never === null) return null;
  const untold = `${never}, and there is a budget`;
  const rules = budgetRules(env.door.judge(taskAsk(currentActor(null), 'task.execute', task)));
  return rules.length > 0 ? `${untold} (${rules.join(', ')})` : untold;
}
