import type { Approval } from '@signalbox/policy/records';
import type { Block, Failure, Settlement } from '@signalbox/task-core';
import type { Ruling } from '../door/door.js';
import type { AgentDoor } from './agent-door.js';
import type { Verdict } from './verdict.js';

/** What becomes of the task if policy, or a person, does not allow something; null if it may be. `what` is said after "may". */
export function afterDecision({ decision, effect, reason, approval }: Ruling, what: string): Settlement | null {
  if (effect === 'allow') return null;
  const verb = effect === 'ask' ? 'asks' : 'denies';
  const message = decision.decision === effect ? `Policy ${verb}: ${reason}` : reason;
  const failure: Failure = { class: 'policy_denied', message };
  const block: Block =
    effect === 'ask'
      ? approvalBlock(decision.id, what, approval)
      : { kind: 'human', reason: `${message} (${decision.id})` };
  return { kind: 'blocked', blockedBy: [block], failure };
}

export function approvalBlock(decision: string, what: string, approval: Approval | null): Block {
  return { kind: 'approval', decision, what, ...(approval ? { approval: approval.id } : {}) };
}

/** What becomes of it when somebody has to look for a reason that policy gives. */
export function forPerson(reason: string): Settlement {
  return {
    kind: 'blocked',
    blockedBy: [{ kind: 'human', reason }],
    failure: { class: 'policy_denied', message: reason },
  };
}

/** What becomes of it when the agent failed. */
export function afterAgent(failure: Failure, door: AgentDoor): Settlement {
  const wanted = door.wanted();
  if (failure.class !== 'policy_denied' || !wanted) return { kind: 'failure', failure };
  return { kind: 'blocked', blockedBy: [{ kind: 'approval', ...wanted }], failure };
}

/** What becomes of it when the work did not pass. `way`: how a person says yes to it, where one may. */
export function afterVerdict(verdict: Verdict, way?: string): Settlement {
  const message = verdict.reasons.map((reason) => reason.message).join('\n');
  const failure: Failure = { class: 'checks_failed', message };
  if (!verdict.needsPerson) return { kind: 'failure', failure };
  const blockedBy = verdict.reasons.map(
    (reason): Block => ({ kind: 'human', reason: [reason.message, ...(way === undefined ? [] : [way])].join(' ') }),
  );
  return { kind: 'blocked', blockedBy, failure };
}

/** For work that is kept as a commit. */
export function wayToAccept(task: string): string {
  return `Look with \`signalbox task diff ${task}\`; \`signalbox task accept ${task}\` lands it as it is.`;
}

/** For work that lies in a folder: there is nothing to land, and the word of a person who has looked is enough. */
export function wayByHand(task: string): string {
  return `To say yes to it, take it: \`signalbox task requeue ${task}\`, then claim, start and complete it by hand (with --no-verify).`;
}

/** What becomes of it when the attempt was told to stop, or lost its lease. */
export function afterStop(signal: AbortSignal): Settlement {
  return { kind: 'failure', failure: signal.reason as Failure };
}

/** The verdict on an attempt that ended before there was anything to judge. */
export function verdictWithout(settlement: Settlement): Verdict {
  const failure = 'failure' in settlement ? settlement.failure : undefined;
  const message = failure?.message ?? 'The attempt ended before its work could be judged.';
  return { pass: false, needsPerson: settlement.kind === 'blocked', reasons: [{ code: 'NOT_FINISHED', message }] };
}

/** Somebody has changed what makes git run or see something else: a person looks before any further git command. */
export function afterTampering(names: readonly string[]): Settlement {
  const reason = `Git's own files changed while the agent ran (${names.join(', ')}); look at them before anything goes on.`;
  const failure: Failure = { class: 'policy_denied', message: reason };
  return { kind: 'blocked', blockedBy: [{ kind: 'human', reason }], failure };
}
