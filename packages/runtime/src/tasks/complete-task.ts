import type { LeaseRef, Settlement, Task } from '@signalbox/task-core';
import { type Actor, actorName } from '../actor.js';
import { evidenceWanted, kindsThatCount } from '../door/obligations.js';
import { originOf, taskAsk } from '../executor/claim-task.js';
import { COMMAND_TIMEOUT_MS } from '../executor/commands.js';
import type { ExecutorEnv } from '../executor/env.js';
import { keepEvidence } from '../executor/evidence.js';
import { type ChecksOutcome, runChecks } from '../executor/run-checks.js';
import { wayByHand } from '../executor/settlements.js';
import { describeFailure } from '../executor/verdict.js';
import { holdCommands } from '../sandbox/hold-commands.js';
import { reservePorts } from '../workspace/ports.js';
import { mustGet, settleByHand } from './hold-task.js';
import { findWorkRoot, placeOfWork } from './work-folder.js';

export interface CompleteRequest {
  actor: Actor;
  ref: LeaseRef;
  /** Where the work lies, or a folder in it: the checks run at its top. Absolute. */
  folder: string;
  /** Take the holder's word for it: recorded as claimed, refused to an AI. */
  noVerify: boolean;
  signal: AbortSignal;
}

export type CompleteResult =
  | { status: 'settled'; task: Task }
  /** The holder keeps the task. */
  | { status: 'checks_failed'; task: Task; message: string };

/**
 * Completes a task that was claimed by hand. Its checks run first. Without any check a user's word is enough; an AI's is
 * not, so then a person must look. Throws `WRONG_FOLDER` for checks in a folder that is not of this repository, and
 * `AGENT_REFUSED` to an AI that did not start the attempt, and `POLICY_DENIED` where a sandbox is demanded that cannot be had.
 */
export async function completeByHand(env: ExecutorEnv, request: CompleteRequest): Promise<CompleteResult> {
  const { actor, ref, noVerify } = request;
  const tasks = env.store.tasks;
  const task = await mustGet({ tasks }, ref.task);
  if (noVerify) env.door.refuseAgents(actor, 'complete a task without its checks');
  await refuseOthers(env, task, actor);
  const failed = noVerify ? await claimOnly(env, task, actor) : await verify(env, task, request);
  if (failed !== null) return { status: 'checks_failed', task, message: failed };
  const unseen = actor.kind === 'ai' && task.checks.length === 0;
  const settlement: Settlement = unseen
    ? {
        kind: 'blocked',
        blockedBy: [{ kind: 'human', reason: `An AI says it is done, and there is no check. ${wayByHand(task.id)}` }],
      }
    : { kind: 'done' };
  const settled = await settleByHand({ tasks, door: env.door, actor }, ref, 'task.complete', settlement);
  return { status: 'settled', task: settled };
}

/** The lease alone is no proof of who works: it is a word that can be read over somebody's shoulder. */
async function refuseOthers(env: ExecutorEnv, task: Task, actor: Actor): Promise<void> {
  if (actor.kind !== 'ai') return;
  const open = (await env.store.tasks.attempts(task.id)).find((attempt) => attempt.finishedAt === null);
  // Where nobody is at work, the lease is a stale one, and is refused as that.
  const own = open ? open.ai === actor.id : task.lease === null;
  if (!own) env.door.refuseAgents(actor, 'complete a task unless it started the attempt itself');
}

/** Runs the checks that policy allows; returns what failed or was refused, or null. */
async function verify(env: ExecutorEnv, task: Task, request: CompleteRequest): Promise<string | null> {
  if (task.checks.length === 0) return null;
  const folder = findWorkRoot(env.store.paths.root, request.folder);
  const ai = request.actor.kind === 'ai' ? request.actor.id : undefined;
  const sandbox = await holdCommands(env, ai, placeOfWork(env.store.paths.root, folder));
  const held = (await env.store.tasks.attempts(task.id)).at(-1);
  const scope = {
    // A check is nobody's agent, but not the user either: what it starts may not act as one.
    marker: { attempt: held?.id ?? task.id, ai: ai ?? 'check' },
    task: task.id,
    folder,
    sandbox,
    timeoutMs: task.timeoutMs ?? COMMAND_TIMEOUT_MS,
    signal: request.signal,
  };
  const demanded = new Set<string>();
  for (const command of task.checks) {
    const { decision, effect, reason, approval } = await env.door.rule({
      ...taskAsk(request.actor, 'shell.run', task),
      action: { name: 'shell.run', command, cwd: folder },
      resource: { origin: originOf(task) },
      sandbox: sandbox.commands,
    });
    if (effect !== 'allow') {
      const wanted = effect === 'ask' && approval ? ` (approve ${approval.id} first)` : '';
      return `Policy does not allow the check \`${command}\`: ${reason}${wanted}`;
    }
    for (const kind of evidenceWanted(decision)) demanded.add(kind);
  }
  const { paths, clock } = env.store;
  const count = env.workspace.ports ?? 0;
  const about = { home: paths.home, clock, count, attempt: scope.marker.attempt, holder: env.identity };
  const { ports, release } = await reservePorts(about);
  const outcome = await runChecks(env, { ...scope, ports }, task.checks, null).finally(release);
  await keepEvidence(env, outcome.drafts);
  return whyNotPassed(outcome, request, demanded);
}

/** What is wrong with checks that have run; null if nothing is. */
function whyNotPassed(
  { results, drafts, reportReasons }: ChecksOutcome,
  request: CompleteRequest,
  demanded: ReadonlySet<string>,
): string | null {
  const failed = results.find((check) => check.exitCode !== 0);
  if (!failed && request.signal.aborted) return 'The checks were stopped before they had all run.';
  if (failed) return describeFailure(failed);
  if (reportReasons.length > 0) return reportReasons.map(({ message }) => message).join('\n');
  const missing = [...demanded].filter((kind) => !kindsThatCount(drafts).includes(kind));
  if (missing.length === 0) return null;
  return `Policy demands evidence of kind ${missing.join(', ')} of the checks; there is none that counts.`;
}

async function claimOnly(env: ExecutorEnv, task: Task, actor: Actor): Promise<null> {
  const blob = await env.blobs.put(`${actorName(actor)} says that ${task.id} is done; its checks were not run.\n`);
  const attempt = (await env.store.tasks.attempts(task.id)).at(-1)?.id ?? task.id;
  const about = { task: task.id, attempt, kind: 'command', producer: actorName(actor), tree: null };
  await keepEvidence(env, [{ ...about, grade: 'claimed', ...blob, summary: { purpose: 'check', verified: false } }]);
  return null;
}
