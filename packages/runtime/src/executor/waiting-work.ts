import { canonicalJson, type Digest, digestOf, type JsonObject } from '@signalbox/kernel';
import { evidenceWanted, kindsThatCount, missingEvidence } from '../door/obligations.js';
import { resolveCommit } from '../landing/branch-tips.js';
import type { AgentDoor } from './agent-door.js';
import { askTogether } from './ask-together.js';
import type { AttemptEnd, AttemptScope } from './attempt-scope.js';
import { originOf, workOf } from './claim-task.js';
import type { ExecutorEnv } from './env.js';
import { completionAsk, decideCompletion, judgeWrites } from './judge.js';
import { type LandingFacts, type LandingWork, landChange, landingAsk } from './landing-step.js';
import { afterDecision, forPerson, verdictWithout } from './settlements.js';

/** What an attempt leaves behind whose work passed and then waited for a person's yes to its end. */
export interface WaitingWork {
  commit: string;
  /** What the task was about. */
  work: Digest;
  facts: LandingFacts;
  /** Paths that a person had allowed the agent to write. */
  granted: string[];
  /** The verdict wanted a person to look at it: it lands only once one has accepted it. */
  unseen?: boolean;
}

/** Work of an earlier attempt, as it can be landed now. */
export interface ApprovedWork {
  waiting: WaitingWork;
  landing: Omit<LandingWork, 'demanded'>;
}

/**
 * Work of an earlier attempt that passed its checks and waited for a person's yes to its completion or landing: it lands as it is.
 * To do it again would be another change than the one that was asked about. Not where the task has become another one, where
 * another AI has it now, nor where the landing was tried since then.
 */
export async function findWaitingWork(env: ExecutorEnv, scope: AttemptScope): Promise<ApprovedWork | null> {
  const { repository } = scope.workspace;
  if (!repository) return null;
  const attempts = (await env.store.tasks.attempts(scope.task.id)).filter(({ finishedAt }) => finishedAt !== null);
  const last = attempts.at(-1);
  const waiting = last?.data['waiting'] as unknown as WaitingWork | undefined;
  if (!last || !waiting || last.ai !== scope.ai.id || waiting.work !== workDigest(scope)) return null;
  if (waiting.unseen && !isAccepted(env, scope.task.id, waiting)) return null;
  const maker = attempts.find(({ data }) => data['commit'] === waiting.commit);
  const base = await resolveCommit(repository.main, `${waiting.commit}^`);
  if (!maker || base === null) return null;
  const evidence = await env.store.evidence.list({ task: scope.task.id, attempt: maker.id });
  const isThere = await Promise.all(evidence.map(({ digest }) => env.blobs.has(digest as Digest)));
  const kept = evidence.filter((_, index) => isThere[index]);
  return {
    waiting,
    landing: {
      ...{ commit: waiting.commit, base, facts: waiting.facts, counted: kindsThatCount(kept) },
      evidence: kept.find(({ kind }) => kind === 'diff')?.digest ?? 'none',
      verdict: { pass: true, needsPerson: false, reasons: [] },
    },
  };
}

/** What `findWaitingWork` needs of work that waits, as the record of the attempt keeps it. */
export function keepWaiting(
  scope: AttemptScope,
  door: AgentDoor,
  { commit, facts, unseen = false }: Pick<WaitingWork, 'commit' | 'facts' | 'unseen'>,
): JsonObject {
  const waiting: WaitingWork = { commit, work: workDigest(scope), facts, granted: door.granted() };
  return JSON.parse(JSON.stringify(unseen ? { ...waiting, unseen } : waiting)) as JsonObject;
}

function isAccepted({ store }: ExecutorEnv, task: string, { commit }: WaitingWork): boolean {
  return store.ledger.read({ task, kind: 'task.accepted' }).some(({ data }) => data['commit'] === commit);
}

export function workDigest({ task }: { task: Parameters<typeof workOf>[0] }): Digest {
  return digestOf(workOf(task));
}

/**
 * Lands it, if everything that policy has to say about it now lets it pass; what was approved is the end of this work, and nothing
 * besides. Null if a person has said no: then the agent works again.
 */
export async function landWaitingWork(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  { approved: { waiting, landing }, data }: { approved: ApprovedWork; data: JsonObject },
): Promise<AttemptEnd | null> {
  const kept: JsonObject = { ...data, waiting: JSON.parse(canonicalJson(waiting)) };
  const unended = (settlement: AttemptEnd['settlement']): AttemptEnd => ({
    ...{ settlement, verdict: verdictWithout(settlement), data: kept, landed: null },
  });
  const { checks } = scope.task;
  const asked = await askTogether(
    ...checks.map((check) => () => door.inquireCommand({ shell: check }, originOf(scope.task))),
    () => env.door.inquire(completionAsk(scope)),
    () => env.door.inquire(landingAsk(scope, landing)),
  );
  if (asked.rejected.length > 0) return null;
  if (asked.settlement) return unended(asked.settlement);
  const judged = await judgeNow(env, scope, door, { waiting, landing });
  if ('refused' in judged) return unended(judged.refused);
  const end = await landChange(env, scope, door, { ...landing, demanded: judged.demanded });
  // Once it was tried, it is not tried again as it is.
  return { ...end, data: end.settlement.kind === 'blocked' ? kept : { ...data, commit: landing.commit } };
}

async function judgeNow(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  { waiting, landing }: ApprovedWork,
): Promise<{ demanded: string[] } | { refused: AttemptEnd['settlement'] }> {
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
  const { denied, asked } = judgeWrites(door, waiting.facts.changed_paths);
  const open = [...denied, ...asked.filter((path) => !waiting.granted.includes(path))];
  if (open.length > 0) return { refused: forPerson(`Policy does not let ${open.join(', ')} be written.`) };
  const missing = missingEvidence([...demanded], landing.counted);
  if (missing.length > 0) {
    return {
      refused: forPerson(`Policy demands evidence of kind ${missing.join(', ')}, and there is none that counts.`),
    };
  }
  return { demanded: [...demanded] };
}
