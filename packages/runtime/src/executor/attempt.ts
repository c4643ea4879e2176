import { isSignalboxError, type JsonObject, messageOf } from '@signalbox/kernel';
import type { Failure, Settlement, Task } from '@signalbox/task-core';
import { landingMessage } from '../landing/land-attempt.js';
import { type AgentDoor, createAgentDoor } from './agent-door.js';
import { askTogether } from './ask-together.js';
import type { AttemptEnd, AttemptScope } from './attempt-scope.js';
import { type Change, commitChange } from './change.js';
import { originOf } from './claim-task.js';
import { endWork, type PassedWork } from './end-work.js';
import type { ExecutorEnv } from './env.js';
import { judge } from './judge.js';
import { landingFacts } from './landing-step.js';
import { letAgentWork } from './let-agent-work.js';
import { limitTime } from './limit-time.js';
import type { AgentRun } from './run-agent.js';
import { setUp } from './set-up.js';
import {
  afterAgent,
  afterDecision,
  afterStop,
  afterTampering,
  afterVerdict,
  verdictWithout,
  wayByHand,
  wayToAccept,
} from './settlements.js';
import { wantsOnlyLook } from './verdict.js';
import { findWaitingWork, keepWaiting, landWaitingWork } from './waiting-work.js';
import { yieldForLocks } from './wanted-locks.js';
import { startWatch, type Watch } from './watch.js';

/** Set-up, agent, evidence, verdict, landing. Returns how the attempt ended; throws only for what is nobody's attempt's fault. */
export async function runAttempt(env: ExecutorEnv, scope: AttemptScope): Promise<AttemptEnd> {
  const time = limitTime(env.store.clock, scope);
  try {
    return await runInTime(env, { ...scope, signal: time.signal });
  } finally {
    time.end();
  }
}

async function runInTime(env: ExecutorEnv, scope: AttemptScope): Promise<AttemptEnd> {
  const { workspace } = scope;
  const base = workspace.repository?.base ?? null;
  const { data } = scope;
  Object.assign(data, { workspace: workspace.folder, branch: workspace.branch, base });
  if (workspace.copied.length > 0) data['copied'] = [...workspace.copied];
  if (scope.ports.length > 0) data['ports'] = [...scope.ports];
  try {
    return await goThrough(env, scope, data);
  } catch (error) {
    if (!isSignalboxError(error) || !TOO_MUCH.has(error.code)) throw error;
    // It would leave as much the next time, and come back for ever.
    const failure: Failure = { class: 'invalid_output', message: error.message };
    await scope.evidence.flush();
    return unjudged({ kind: 'failure', failure }, data);
  }
}

/** The attempt wants to leave more evidence than there is room for. */
const TOO_MUCH: ReadonlySet<string> = new Set(['BLOB_QUOTA', 'BLOB_TOO_LARGE']);

function unjudged(settlement: Settlement, data: JsonObject): AttemptEnd {
  return { settlement, verdict: verdictWithout(settlement), data, landed: null };
}

/** `data` is filled in as the attempt goes on. */
async function goThrough(env: ExecutorEnv, scope: AttemptScope, data: JsonObject): Promise<AttemptEnd> {
  const { task, workspace } = scope;
  const door = createAgentDoor(env, {
    ...scope,
    workspace: workspace.folder,
    onWait: ({ id, what }) =>
      scope.progress({ task: task.id, step: 'agent', text: `waits for ${id}, an approval to ${what}` }),
  });
  const end = await yieldForLocks(env, scope, await workAndLand(env, scope, door, data));
  return { ...end, outcomes: door.outcomes() };
}

async function workAndLand(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  data: JsonObject,
): Promise<AttemptEnd> {
  const { task, signal } = scope;
  const approved = await findWaitingWork(env, scope);
  const ended = approved && (await landWaitingWork(env, scope, door, { approved, data }));
  if (ended) return signal.aborted && !ended.landed ? unjudged(afterStop(signal), ended.data) : ended;
  const unready = (await preparePermissions(env, scope, door)) ?? (await setUp(env, scope, door));
  if (unready) return unjudged(unready, data);
  const mayRun = task.run && (await door.decideCommand(task.run, originOf(task)));
  const refused = task.run && mayRun ? afterDecision(mayRun, `run \`${textOf(task.run)}\``) : null;
  if (refused) return unjudged(refused, data);
  const watch = await startWatch(env, scope);

  const run = await letAgentWork(env, scope, door);
  if (task.run) door.observe({ command: textOf(task.run), exit: run.exitCode });
  const tampered = watch?.tampered() ?? [];
  if (tampered.length > 0) return unjudged(afterTampering(tampered), data);
  const after: AttemptScope = { ...scope, lastEditAt: env.store.clock.now() };
  const work = await collectAndJudge(env, after, door, watch, run).catch((error: unknown): JudgedWork => {
    if (isSignalboxError(error) && TOO_MUCH.has(error.code)) throw error;
    // What an agent leaves can be such that git does not read it: that is the attempt's failure, or it would come back for ever.
    const message = env.redactor.text(`What the attempt left could not be judged: ${messageOf(error)}`);
    return { ended: { kind: 'failure', failure: { class: 'invalid_output', message } }, commit: null };
  });
  if (work.commit) data['commit'] = work.commit;
  await scope.evidence.flush();
  // A check that was cut short says nothing about the work.
  if (signal.aborted) return unjudged(run.failure ? afterAgent(run.failure, door) : afterStop(signal), data);
  if ('ended' in work) return unjudged(work.ended, data);
  if (!work.verdict.pass) return endUnpassed(after, door, { work, data });
  return endWork(env, after, door, { work, data });
}

/** Work that only a person has to look at is kept such that it can be accepted and landed as it is. */
function endUnpassed(
  scope: AttemptScope,
  door: AgentDoor,
  { work: { verdict, change, commit }, data }: { work: PassedWork; data: JsonObject },
): AttemptEnd {
  const { task, workspace } = scope;
  const isKept = change && commit && workspace.kind !== 'in-place';
  const unpassed = (way?: string): AttemptEnd => ({
    ...{ settlement: afterVerdict(verdict, way), verdict, data, landed: null },
  });
  if (!wantsOnlyLook(verdict)) return unpassed();
  if (!isKept) return unpassed(wayByHand(task.id));
  data['waiting'] = keepWaiting(scope, door, { commit, facts: landingFacts(task, change), unseen: true });
  return unpassed(wayToAccept(task.id));
}

type JudgedWork =
  | PassedWork
  /** There is nothing to judge: the agent failed, or the checks could not be set up. */
  | { ended: Settlement; commit: string | null };

async function collectAndJudge(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  watch: Watch | null,
  run: AgentRun,
): Promise<JudgedWork> {
  const change = watch && (await watch.change());
  if (change) door.observe({ changed: change.paths });
  const commit = change && (await keepChange(scope, change));
  await scope.evidence.flush();
  if (run.failure) return { ended: afterAgent(run.failure, door), commit };
  if (scope.signal.aborted) return { ended: afterStop(scope.signal), commit };
  const judged = await judge(env, scope, door, change && { change, commit });
  return 'unready' in judged ? { ended: judged.unready, commit } : { ...judged, change, commit };
}

/**
 * Asks before the agent works for what is needed after it, since a question that comes later would cost its work. What a person
 * has said no to ends it before anything runs.
 */
async function preparePermissions(
  env: ExecutorEnv,
  { task, workspace }: AttemptScope,
  door: AgentDoor,
): Promise<Settlement | null> {
  const setup = workspace.kind === 'in-place' ? [] : env.setup;
  const lines = [...(task.run ? [task.run] : []), ...task.checks.map((shell) => ({ shell }))];
  const origin = originOf(task);
  const rules = [
    ...setup.map((line) => ({ what: line, put: () => door.inquireSetup(line), take: () => door.decideSetup(line) })),
    ...lines.map((line) => ({
      what: textOf(line),
      put: () => door.inquireCommand(line, origin),
      take: () => door.decideCommand(line, origin),
    })),
  ];
  const { settlement, rejected } = await askTogether(...rules.map(({ put }) => put));
  for (const index of rejected) {
    const rule = rules[index];
    // A no for once is taken by the attempt that it ends.
    const ended = rule && afterDecision(await rule.take(), `run \`${rule.what}\``);
    if (ended) return ended;
  }
  return settlement;
}

function textOf(run: NonNullable<Task['run']>): string {
  return 'shell' in run ? run.shell : run.argv.join(' ');
}

/** Commits what was changed to the attempt's branch, whatever becomes of it. Returns the commit, or null without a change. */
async function keepChange(scope: AttemptScope, change: Change): Promise<string | null> {
  const { task, attempt, ai, workspace } = scope;
  scope.evidence.add(...change.drafts);
  const evidence = change.drafts[0]?.digest ?? 'none';
  const message = landingMessage({ task, attempt: attempt.id, ai: ai.id, evidence }, task.title);
  return commitChange(workspace, change, message, ai.id);
}
