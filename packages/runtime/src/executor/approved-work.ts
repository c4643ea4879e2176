import { canonicalJson, type JsonObject } from '@signalbox/kernel';
import { answerOf } from '@signalbox/policy/records';
import type { Block, Settlement } from '@signalbox/task-core';
import { evidenceWanted, kindsThatCount, missingEvidence } from '../door/obligations.js';
import { resolveCommit } from '../landing/integration.js';
import type { AgentDoor } from './agent-door.js';
import type { AttemptEnd, AttemptScope } from './attempt-scope.js';
import { originOf, workOf } from './claim-task.js';
import type { ExecutorEnv } from './env.js';
import { decideCompletion, judgeWrites } from './judge.js';
import { type LandingWork, landChange } from './landing-step.js';
import { afterDecision, verdictWithout } from './settlements.js';

export type ApprovedWork = Omit<LandingWork, 'demanded'>;

/**
 * Work of an earlier attempt that passed its checks and waited for a person's yes to its landing, and has it now: it lands as
 * it is. To do it again would be another change than the one that was approved. Not where the task has become another one, nor
 * where the landing was tried since then.
 */
export async function findApprovedWork(env: ExecutorEnv, scope: AttemptScope): Promise<ApprovedWork | null> {
  const { repository } = scope.workspace;
  if (!repository) return null;
  const attempts = await env.store.tasks.attempts(scope.task.id);
  for (const approval of await env.store.records.approvals.list({ task: scope.task.id })) {
    const { action, resource } = approval.request as Record<string, JsonObject>;
    if (action?.['name'] !== 'task.land') continue;
    if (answerOf(approval, env.store.clock.now()).status !== 'approved') continue;
    if (canonicalJson(approval.exactly) !== canonicalJson(workOf(scope.task))) continue;
    const commit = String(resource?.['commit']);
    const [maker, again] = attempts.filter(({ data }) => data['commit'] === commit);
    const base = await resolveCommit(repository.main, `${commit}^`);
    if (!maker || again || base === null) continue;
    const evidence = await env.store.evidence.list({ task: scope.task.id, attempt: maker.id });
    return {
      ...{ commit, base, counted: kindsThatCount(evidence) },
      evidence: evidence.find(({ kind }) => kind === 'diff')?.digest ?? 'none',
      facts: {
        changed_paths: (resource?.['changed_paths'] ?? []) as string[],
        checks_changed: resource?.['checks_changed'] === true,
      },
      verdict: { pass: true, needsPerson: false, reasons: [] },
    };
  }
  return null;
}

/** Lands it, if everything that policy has to say about it still lets it pass: the yes was to the landing alone. */
export async function landApproved(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  { approved, data }: { approved: ApprovedWork; data: JsonObject },
): Promise<AttemptEnd> {
  const kept = { ...data, commit: approved.commit };
  const judged = await judgeApproved(env, scope, door, approved);
  if ('refused' in judged) {
    return { settlement: judged.refused, verdict: verdictWithout(judged.refused), data: kept, landed: null };
  }
  return { ...(await landChange(env, scope, door, { ...approved, demanded: judged.demanded })), data: kept };
}

async function judgeApproved(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  { facts, counted }: ApprovedWork,
): Promise<{ demanded: string[] } | { refused: Settlement }> {
  const demanded = new Set<string>();
  for (const check of scope.task.checks) {
    const ruling = await door.decideCommand({ shell: check }, originOf(scope.task));
    const refused = afterDecision(ruling, `run \`${check}\``);
    if (refused) return { refused };
    for (const kind of evidenceWanted(ruling.decision)) demanded.add(kind);
  }
  const completion = await decideCompletion(env, scope);
  if (completion.refused) return { refused: completion.refused };
  for (const kind of completion.demanded) demanded.add(kind);
  const { denied } = judgeWrites(door, facts.changed_paths);
  if (denied.length > 0) return { refused: forPerson(`Policy denies writing ${denied.join(', ')}.`) };
  const obligations = [...demanded].map((want) => ({
    kind: 'evidence' as const,
    want,
    rule: '',
    state: 'pending' as const,
  }));
  const missing = missingEvidence({ obligations }, counted);
  if (missing.length > 0) {
    return {
      refused: forPerson(`Policy demands evidence of kind ${missing.join(', ')}, and there is none that counts.`),
    };
  }
  return { demanded: [...demanded] };
}

function forPerson(reason: string): Settlement {
  const block: Block = { kind: 'human', reason };
  return { kind: 'blocked', blockedBy: [block], failure: { class: 'policy_denied', message: reason } };
}
