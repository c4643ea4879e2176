import type { Settlement } from '@signalbox/task-core';
import { SYSTEM } from '../actor.js';
import type { Ask } from '../door/door.js';
import { evidenceWanted } from '../door/obligations.js';
import type { AgentDoor } from './agent-door.js';
import type { AttemptScope } from './attempt-scope.js';
import type { Change } from './change.js';
import { checkWork } from './check-work.js';
import { originOf, taskAsk } from './claim-task.js';
import type { ExecutorEnv } from './env.js';
import { afterDecision } from './settlements.js';
import { judgeAttempt, type Verdict } from './verdict.js';

/** Runs the checks that policy allows on what would land, and judges the attempt by all that was observed. */
export async function judge(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  work: { change: Change; commit: string | null } | null,
): Promise<{ verdict: Verdict; demanded: string[] } | { unready: Settlement }> {
  const { task } = scope;
  const allowed: string[] = [];
  for (const check of task.checks) {
    const { effect } = await door.decideCommand({ shell: check }, originOf(task));
    if (effect === 'allow') allowed.push(check);
  }
  for (const check of allowed) scope.progress({ task: task.id, step: 'check', text: check });
  const checked = await checkWork(env, scope, door, allowed, work?.commit ?? null);
  for (const { command, exitCode } of checked.results) door.observe({ command, exit: exitCode });
  if (checked.unready) return { unready: checked.unready };
  const locks = await door.locks();
  const writes = judgeWrites(door, work?.change.paths ?? []);
  const inPlace = scope.workspace.kind === 'in-place';
  const completion = evidenceWanted(env.door.judge(completionAsk(scope)));
  const demanded = [...new Set([...door.demanded(), ...completion])];
  const verdict = judgeAttempt({
    task: { ...task, locks },
    changed: work?.change.paths ?? null,
    existing: work?.change.existing ?? [],
    nested: work?.change.nested ?? [],
    secret: work?.change.redacted ?? false,
    tree: inPlace ? null : (work?.change.tree ?? null),
    checks: checked.results,
    changedByChecks: checked.changedByChecks,
    deniedPaths: writes.denied,
    askedPaths: writes.asked,
    demanded,
    collected: scope.evidence.kinds(),
    counted: scope.evidence.kindsThatCount(),
    reportReasons: checked.reportReasons,
    refusedChecks: task.checks.filter((check) => !allowed.includes(check)),
    outsideGit: scope.workspace.repository === null,
  });
  return { demanded, verdict: checked.tests ? { ...verdict, tests: checked.tests } : verdict };
}

/** The paths that policy denies or asks about, of those that nobody has allowed by name. */
export function judgeWrites(door: AgentDoor, paths: readonly string[]): { denied: string[]; asked: string[] } {
  const found = { allow: [] as string[], ask: [] as string[], deny: [] as string[] };
  for (const path of paths) found[door.judgeWrite(path).decision].push(path);
  return { denied: found.deny, asked: found.ask.filter((path) => !door.isGranted(path)) };
}

/** What policy is asked about the completion of a task by an attempt. */
export function completionAsk({ task, ai, sandbox }: AttemptScope): Ask {
  const authors = [task.createdBy, `ai:${ai.id}`];
  return { ...taskAsk(SYSTEM, 'task.complete', task), authors, sandbox: sandbox.work };
}

/** What policy says of completing the task. Recorded only if it says more than yes: nobody has asked for it. */
export async function decideCompletion(
  env: ExecutorEnv,
  scope: AttemptScope,
): Promise<{ demanded: string[]; refused: Settlement | null }> {
  const ask = completionAsk(scope);
  const judged = env.door.judge(ask);
  const demanded = evidenceWanted(judged);
  if (judged.decision === 'allow' && demanded.length === 0) return { demanded, refused: null };
  return { demanded, refused: afterDecision(await env.door.rule(ask), `complete ${scope.task.id}`) };
}
