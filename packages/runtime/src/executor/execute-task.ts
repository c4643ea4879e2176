import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { type Evidence, openTrace } from '@signalbox/audit';
import type { JsonObject } from '@signalbox/kernel';
import type { Attempt, Budget, Failure, LeaseRef, Settlement, Task } from '@signalbox/task-core';
import { type Actor, actorName } from '../actor.js';
import { openAttemptSandbox } from '../sandbox/attempt-sandbox.js';
import { promisedSandbox } from '../sandbox/sandbox-service.js';
import { recordStart } from '../tasks/entries.js';
import { type ReservedPorts, reservePorts } from '../workspace/ports.js';
import { removeTree } from '../workspace/remove-tree.js';
import { createAttend, followUp } from './aftercare.js';
import { runAttempt } from './attempt.js';
import type { AttemptEnd, AttemptScope } from './attempt-scope.js';
import { claimRoutable } from './claim-routable.js';
import type { Claimed } from './claim-task.js';
import { attemptBlobs } from './collect-context.js';
import { alreadyLanded, findEarlierLanding } from './earlier-landing.js';
import type { ExecutorEnv, OnProgress } from './env.js';
import { openEvidenceLog } from './evidence.js';
import { EXECUTOR_TTL_MS, type Heartbeat, startHeartbeat } from './heartbeat.js';
import { allBusy } from './no-candidate.js';
import { openWorkspace, type Unmade } from './open-workspace.js';
import { type RouteWish, routeTask } from './route.js';
import { giveBack, redactEnd, settleAttempt } from './settle-attempt.js';
import { verdictWithout } from './settlements.js';
import { traceVersions } from './trace-versions.js';
import type { Verdict } from './verdict.js';

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
  const held: Held = { lease, data: {}, isSettled: false };
  const heartbeat = startHeartbeat(env.store.tasks, lease, env.store.clock);
  const signal = request.signal ? AbortSignal.any([request.signal, heartbeat.signal]) : heartbeat.signal;
  try {
    return await attemptClaimed(env, { ...request, signal }, claimed, held, heartbeat);
  } catch (error) {
    heartbeat.stop();
    if (held.isSettled) throw error;
    const because = await giveBack(env, held, error);
    await tellEnd(env, request, claimed.task.id);
    throw because;
  }
}

/** Who was told of the claim is told what became of it as well. */
async function tellEnd({ store }: ExecutorEnv, { progress }: ExecuteRequest, task: string): Promise<void> {
  const now = await store.tasks.get(task).catch(() => null);
  if (now) progress?.({ task, step: 'settled', text: now.status });
}

/** A claim, and what came of it so far. */
interface Held {
  lease: LeaseRef;
  /** What the record of the attempt is to keep, however it ends. */
  data: JsonObject;
  /** From then on nothing is given back, whatever happens. */
  isSettled: boolean;
}

async function attemptClaimed(
  env: ExecutorEnv,
  request: ExecuteRequest & { signal: AbortSignal },
  { task: claimedTask, lease: grant }: Claimed,
  held: Held,
  heartbeat: Heartbeat,
): Promise<Execution> {
  const { redactor } = env;
  const { lease, data } = held;
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
  const attend = createAttend(env, (text) => progress({ task: task.id, step: 'settled', text }));
  let reserved: ReservedPorts | null = null;
  try {
    const { ai, connector } = route;
    const versions = traceVersions(env, trace, ai, connector);
    reserved = await reserveFor(env, id);
    const workspace = await openWorkspace(env, request.workspace, task.id, grant.fence, ownScratch);
    await versions;
    const about = { ...{ task, ai, connector, attempt, lease, scratch, ownScratch, evidence, trace, data } };
    const { ports } = reserved;
    const ended =
      workspace.kind === 'unmade'
        ? endUnmade(workspace, data)
        : await workIn(env, { ...about, workspace, ports, progress, signal: request.signal }, began);
    const end = redactEnd(env, ended);
    await evidence.flush();
    // A renewal that comes after the settlement would find the lease gone and call it lost.
    heartbeat.stop();
    const outcome = await settleAttempt(env, lease, attempt, end);
    held.isSettled = true;
    const settled = await followUp(env, outcome.task, { end, workspace: workspace.kind }, attend);
    progress({ task: task.id, step: end.landed ? 'landed' : 'settled', text: settled.status });
    const durationMs = Math.round(env.store.clock.monotonic() - began);
    const report = reportOf('attempt' in outcome ? outcome.attempt : null, attempt, ai.id, end, durationMs);
    return { task: settled, attempt: report, evidence: evidence.kept(), verdict: end.verdict };
  } finally {
    // The attempt is settled, or will be given back, whatever becomes of these.
    await attend('the trace is not whole', async () => {
      trace.write('timing', { what: 'attempt', ms: Math.round(env.store.clock.monotonic() - began) });
      await trace.close();
    });
    await attend('temporary files were left for the next time', () => removeTree(ownScratch));
    await attend('the ports were not released', () => reserved?.release());
    // The next one covers this attempt as well.
    await attend('no checkpoint was made', () => env.checkpoint());
  }
}

async function workIn(
  env: ExecutorEnv,
  about: Omit<AttemptScope, 'sandbox' | 'blobs' | 'lastEditAt'>,
  began: number,
): Promise<AttemptEnd> {
  const { task, ai, connector, workspace, trace } = about;
  const sandbox = await openAttemptSandbox(env, { ai, connector, workspace });
  about.progress({ task: task.id, step: 'workspace', text: workspace.branch ?? workspace.folder });
  trace.write('timing', { what: 'workspace', ms: Math.round(env.store.clock.monotonic() - began) });
  const landed = await findEarlierLanding(env, workspace, task.id);
  if (landed) return alreadyLanded(landed);
  return runAttempt(env, { ...about, sandbox, blobs: attemptBlobs(env), lastEditAt: null });
}

/** No attempt is spent, and none begins again before a person has looked: another would end like this one. */
function endUnmade({ reason }: Unmade, data: JsonObject): AttemptEnd {
  const settlement: Settlement = { kind: 'blocked', blockedBy: [{ kind: 'human', reason }] };
  return { settlement, verdict: verdictWithout(settlement), data, landed: null };
}

function reserveFor({ store, workspace, identity }: ExecutorEnv, attempt: string): Promise<ReservedPorts> {
  const { paths, clock } = store;
  return reservePorts({ home: paths.home, clock, count: workspace.ports ?? 0, attempt, holder: identity });
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

function reportOf(
  closed: Attempt | null,
  { id, number }: Attempt,
  ai: string,
  end: AttemptEnd,
  durationMs: number,
): AttemptReport {
  const usage = (end.data['usage'] ?? {}) as JsonObject;
  return { id, number, ai, outcome: closed?.outcome ?? null, failure: closed?.failure ?? null, durationMs, usage };
}
