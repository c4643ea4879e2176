import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { type Evidence, openTrace, type Trace } from '@signalbox/audit';
import { sweep } from '@signalbox/connectors';
import { type JsonObject, messageOf } from '@signalbox/kernel';
import { type Attempt, type Budget, type Failure, isTerminal, type LeaseRef, type Task } from '@signalbox/task-core';
import { type Actor, actorName } from '../actor.js';
import { unblockAnswered } from '../approvals/answer-approval.js';
import { createGit } from '../git/git.js';
import { INTEGRATION_REF, prepareIntegration } from '../landing/integration.js';
import { guardIntegration } from '../landing/integration-guard.js';
import { findRepository } from '../project/find-root.js';
import { openAttemptSandbox } from '../sandbox/attempt-sandbox.js';
import { promisedSandbox } from '../sandbox/sandbox-service.js';
import { recordStart } from '../tasks/entries.js';
import { openInPlace } from '../workspace/in-place.js';
import { type ReservedPorts, reservePorts } from '../workspace/ports.js';
import type { Workspace } from '../workspace/workspace.js';
import { collectWorktree, createWorktree, worktreeEnv } from '../workspace/worktree.js';
import { runAttempt } from './attempt.js';
import type { AttemptEnd } from './attempt-scope.js';
import { claimRoutable } from './claim-routable.js';
import type { Claimed } from './claim-task.js';
import { attemptBlobs } from './collect-context.js';
import { alreadyLanded, findEarlierLanding } from './earlier-landing.js';
import type { ExecutorEnv, OnProgress } from './env.js';
import { openEvidenceLog } from './evidence.js';
import { EXECUTOR_TTL_MS, type Heartbeat, startHeartbeat } from './heartbeat.js';
import { allBusy, type RouteWish, routeTask } from './route.js';
import { giveBack, redactEnd, settleAttempt } from './settle-attempt.js';
import { traceVersions } from './trace-versions.js';
import type { Verdict } from './verdict.js';
import { addWantedLocks } from './wanted-locks.js';

export interface ExecuteRequest {
  actor: Actor;
  /** A full id; without it the first ready task. */
  task?: string;
  /** Ids of tasks not to take when none is named. */
  passOver?: ReadonlySet<string>;
  /** Only this AI. */
  ai?: string;
  /** What the attempt may use, beyond what the project and the task say. */
  budget?: Budget;
  /** Default: a worktree in git, in place elsewhere. */
  workspace?: 'worktree' | 'in-place';
  /** Aborted with a failure of class `cancelled`: stop, and give the task back. */
  signal?: AbortSignal;
  progress?: OnProgress;
}

export interface AttemptReport {
  id: string;
  number: number;
  ai: string;
  outcome: Attempt['outcome'];
  failure: Failure | null;
  durationMs: number;
  usage: JsonObject;
}

/** What one execution did: one attempt of one task. */
export interface Execution {
  task: Task;
  attempt: AttemptReport;
  evidence: Evidence[];
  verdict: Verdict;
}

/** Claims a task, lets an AI do one attempt under supervision, judges what came of it, lands it, and settles the task. */
export async function executeTask(env: ExecutorEnv, request: ExecuteRequest): Promise<Execution> {
  const intent = {
    actor: request.actor,
    action: 'task.execute' as const,
    holder: `executor:${env.identity.host}:${env.identity.pid}`,
    ttlMs: EXECUTOR_TTL_MS,
    executor: env.identity,
    ...(await promisedSandbox(env, env.loadPolicy(env.store.paths.root, undefined))),
    ...(request.task === undefined ? {} : { task: request.task }),
    ...(request.passOver ? { passOver: request.passOver } : {}),
  };
  const claimed = await claimRoutable(env, intent, wishOf(request));
  const lease: LeaseRef = { task: claimed.task.id, lease: claimed.lease.id };
  const heartbeat = startHeartbeat(env.store.tasks, lease, env.store.clock);
  const signal = request.signal ? AbortSignal.any([request.signal, heartbeat.signal]) : heartbeat.signal;
  try {
    return await attemptClaimed(env, { ...request, signal }, claimed, lease, heartbeat);
  } catch (error) {
    heartbeat.stop();
    throw await giveBack(env, lease, error);
  }
}

async function attemptClaimed(
  env: ExecutorEnv,
  request: ExecuteRequest & { signal: AbortSignal },
  { task: claimedTask, lease: grant }: Claimed,
  lease: LeaseRef,
  heartbeat: Heartbeat,
): Promise<Execution> {
  const { redactor } = env;
  const progress: OnProgress = (each) => request.progress?.({ ...each, text: redactor.text(each.text) });
  const began = env.store.clock.monotonic();
  progress({ task: claimedTask.id, step: 'claimed', text: claimedTask.title });
  const { route, task, attempt } = await routeAndStart(env, request, claimedTask, lease);
  const { id } = attempt;

  const ownScratch = join(env.store.paths.scratch, id);
  const scratch = join(ownScratch, 'agent');
  await mkdir(scratch, { recursive: true, mode: 0o700 });
  const trace = openTrace(env.store.paths.traces, id, { clock: env.store.clock, redactor });
  const evidence = openEvidenceLog(env);
  let reserved: ReservedPorts | null = null;
  try {
    const { ai, connector } = route;
    const versions = traceVersions(env, trace, ai, connector);
    reserved = await reserveFor(env, id);
    const workspace = await openWorkspace(env, request, task.id, grant.fence, ownScratch);
    const sandbox = await openAttemptSandbox(env, { ai, connector, workspace });
    progress({ task: task.id, step: 'workspace', text: workspace.branch ?? workspace.folder });
    const { signal } = request;
    await versions;
    trace.write('timing', { what: 'workspace', ms: Math.round(env.store.clock.monotonic() - began) });
    const blobs = attemptBlobs(env);
    const landed = await findEarlierLanding(env, workspace, task.id);
    const end = redactEnd(
      env,
      landed
        ? alreadyLanded(landed)
        : await runAttempt(env, {
            ...{ task, ai, connector, attempt, lease, workspace, sandbox, scratch, ownScratch, evidence, blobs, trace },
            ...{ ports: reserved.ports, signal, progress, lastEditAt: null },
          }),
    );
    await evidence.flush();
    // A renewal that comes after the settlement would find the lease gone and call it lost.
    heartbeat.stop();
    const settled = await unblockAnswered(env.store, await settleAttempt(env, lease, attempt, end));
    await addWantedLocks(env, task.id, end.data);
    await tidy(env, workspace, settled);
    progress({ task: task.id, step: end.landed ? 'landed' : 'settled', text: settled.status });
    const durationMs = Math.round(env.store.clock.monotonic() - began);
    const report = await reportOf(env, attempt, ai.id, end, durationMs);
    return { task: settled, attempt: report, evidence: evidence.kept(), verdict: end.verdict };
  } finally {
    trace.write('timing', { what: 'attempt', ms: Math.round(env.store.clock.monotonic() - began) });
    await closeTrace(trace, (text) => progress({ task: task.id, step: 'settled', text }));
    await removeFolder(ownScratch);
    await reserved?.release();
    // The attempt is settled whatever becomes of the checkpoint; the next one covers it as well.
    await env.checkpoint().catch((error: unknown) => {
      progress({ task: task.id, step: 'settled', text: `no checkpoint was made: ${messageOf(error)}` });
    });
  }
}

/** A worktree goes once nothing in it is unlanded; until then it stays for whoever has to look. */
async function tidy({ store, environment }: ExecutorEnv, { kind }: Workspace, { id, status }: Task): Promise<void> {
  if (kind === 'worktree' && status === 'done') await collectWorktree(worktreeEnv(store, environment), id);
  if (isTerminal(status)) await removeFolder(join(store.paths.sessions, id));
}

function reserveFor({ store, workspace, identity }: ExecutorEnv, attempt: string): Promise<ReservedPorts> {
  const { paths, clock } = store;
  return reservePorts({ home: paths.home, clock, count: workspace.ports ?? 0, attempt, holder: identity });
}

function removeFolder(folder: string): Promise<void> {
  return rm(folder, { recursive: true, force: true, maxRetries: 5 });
}

/** A trace that is not whole changes nothing about the attempt, which is settled by now; but it is said. */
async function closeTrace(trace: Trace, say: (text: string) => void): Promise<void> {
  await trace.close().catch((error: unknown) => say(messageOf(error)));
}

function wishOf({ ai, budget }: ExecuteRequest): RouteWish {
  return { pin: ai ?? null, ...(budget ? { budget } : {}) };
}

/** How often an AI is chosen anew when another executor takes the place that it had free. */
const MAX_CHOICES = 3;

async function routeAndStart(env: ExecutorEnv, request: ExecuteRequest, claimed: Task, lease: LeaseRef) {
  const record = recordStart(actorName(request.actor));
  for (let choice = 1; ; choice++) {
    const route = await routeTask(env, claimed, wishOf(request));
    const { id: ai } = route.ai;
    const room = route.budgets.admit(route.ai, route.connector);
    const data: JsonObject = room && Object.keys(room.reserved).length > 0 ? { reserved: { ...room.reserved } } : {};
    const admission = room?.admission ? { admission: room.admission } : {};
    const draft = { id: env.store.ids('att'), ai, maxConcurrent: route.places, data, ...admission };
    const started = await env.store.tasks.start(lease, draft, record);
    if (started.status === 'lease_lost') throw new Error('the lease was lost between claim and start');
    if (started.status === 'started') {
      request.progress?.({ task: claimed.id, step: 'routed', text: ai });
      await env.store.ais.touch(ai);
      return { route, task: started.task, attempt: started.attempt };
    }
    if (choice === MAX_CHOICES) {
      throw allBusy(claimed, started.status === 'busy' ? `${ai} runs ${started.running} already` : started.reason);
    }
  }
}

async function openWorkspace(
  env: ExecutorEnv,
  request: ExecuteRequest,
  task: string,
  fence: number,
  scratch: string,
): Promise<Workspace> {
  const { root } = env.store.paths;
  if (request.workspace === 'in-place' || findRepository(root) === null) return openInPlace(root, env.environment);
  const main = createGit(root, env.environment);
  const { ledger } = env.store;
  const base = await prepareIntegration(main, env.base, {
    check: (tip) => guardIntegration(main, ledger, tip),
    // Before and after, as with a landing: a kill in between must not make our own move look like somebody else's.
    moving: (old, next) => recordMove(env, 'landing.intended', { old, new: next }),
    moved: (commit) => recordMove(env, 'landing.prepared', { commit }),
  });
  await endEarlierAttempts(env, task);
  return createWorktree(
    { ...worktreeEnv(env.store, env.environment, env.workspace.copy), scratch },
    { task, fence, base },
  );
}

function recordMove(env: ExecutorEnv, kind: string, data: JsonObject): void {
  env.door.record([{ kind, actor: 'system', subject: 'project', data: { ref: INTEGRATION_REF, ...data } }]);
}

/**
 * An attempt that lost its lease may still be at work, in the folder that this one is about to use: its processes are ended,
 * or what they write would pass for this attempt's.
 */
async function endEarlierAttempts(env: ExecutorEnv, task: string): Promise<void> {
  const attempts = await env.store.tasks.attempts(task);
  await Promise.all(attempts.filter(({ outcome }) => outcome === 'lost').map(({ id }) => sweep(id)));
}

async function reportOf(
  env: ExecutorEnv,
  attempt: Attempt,
  ai: string,
  end: AttemptEnd,
  durationMs: number,
): Promise<AttemptReport> {
  const attempts = await env.store.tasks.attempts(attempt.task);
  const closed = attempts.find((other) => other.id === attempt.id);
  const usage = (end.data['usage'] ?? {}) as JsonObject;
  const { id, number } = attempt;
  return { id, number, ai, outcome: closed?.outcome ?? null, failure: closed?.failure ?? null, durationMs, usage };
}
