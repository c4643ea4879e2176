import type { JsonObject } from '@signalbox/kernel';
import { answerOf } from '@signalbox/policy/records';
import { SYSTEM } from '../actor.js';
import { evidenceWanted, kindsThatCount } from '../door/obligations.js';
import { resolveCommit } from '../landing/integration.js';
import type { AgentDoor } from './agent-door.js';
import type { AttemptScope } from './attempt-scope.js';
import { originOf, taskAsk } from './claim-task.js';
import type { ExecutorEnv } from './env.js';
import type { LandingWork } from './landing-step.js';

/**
 * Work of an earlier attempt that passed its checks and waited for a person's yes to its landing, and has it now: it lands as
 * it is. To do it again would be another change than the one that was approved.
 */
export async function findApprovedWork(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
): Promise<LandingWork | null> {
  const { repository } = scope.workspace;
  if (!repository) return null;
  for (const approval of await env.store.records.approvals.list({ task: scope.task.id })) {
    const { action, resource } = approval.request as Record<string, JsonObject>;
    if (action?.['name'] !== 'task.land') continue;
    if (answerOf(approval, env.store.clock.now()).status !== 'approved') continue;
    const commit = String(resource?.['commit']);
    const base = await resolveCommit(repository.main, `${commit}^`);
    if (base === null) continue;
    const { evidence, counted } = await evidenceOf(env, scope.task.id, commit);
    return {
      ...{ commit, base, evidence, counted },
      facts: {
        changed_paths: (resource?.['changed_paths'] ?? []) as string[],
        checks_changed: resource?.['checks_changed'] === true,
      },
      verdict: { pass: true, needsPerson: false, reasons: [] },
      demanded: demandedOf(env, scope, door),
    };
  }
  return null;
}

/** The kinds of evidence that policy wants of the task's checks and of its completion. */
function demandedOf(env: ExecutorEnv, { task }: AttemptScope, door: AgentDoor): string[] {
  const checks = task.checks.map((check) => door.judgeCommand({ shell: check }, originOf(task)));
  const completion = env.door.judge(taskAsk(SYSTEM, 'task.complete', task));
  return [...new Set([...checks, completion].flatMap(evidenceWanted))];
}

/** What the attempt that made the commit has proved. */
async function evidenceOf(env: ExecutorEnv, task: string, commit: string) {
  const attempts = await env.store.tasks.attempts(task);
  const maker = attempts.find(({ data }) => data['commit'] === commit);
  const evidence = maker ? await env.store.evidence.list({ task, attempt: maker.id }) : [];
  const diff = evidence.find(({ kind }) => kind === 'diff')?.digest ?? 'none';
  return { evidence: diff, counted: kindsThatCount(evidence) };
}
