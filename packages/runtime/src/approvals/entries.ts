import { digestOf, type JournalEntry, type JsonObject } from '@signalbox/kernel';
import type { PolicyDecisionRecord } from '@signalbox/policy';
import type { Approval } from '@signalbox/policy/records';

/** An approval as the log tells it. */
export function approvalEntry(kind: string, actor: string, approval: Approval, subject?: string): JournalEntry {
  const { request, exactly, ...told } = approval;
  return {
    kind,
    actor,
    subject: subject ?? (approval.task === null ? 'project' : `task/${approval.task}`),
    // The request stands in the decision; by its digest it is seen that it has stayed the same.
    data: { ...told, requestDigest: digestOf(request), exactlyDigest: digestOf(exactly) } as unknown as JsonObject,
  };
}

/** What came of a decision that asked, once a person had answered. */
export function outcomeEntry(
  subject: string,
  decision: Pick<PolicyDecisionRecord, 'id' | 'request'>,
  approval: Approval,
): JournalEntry {
  const approved = approval.answer?.effect === 'approve';
  const { by = null, at = null, scope = null } = approval.answer ?? {};
  return {
    kind: 'policy.outcome',
    actor: 'system',
    subject,
    data: {
      decision: decision.id,
      enforced: true,
      sandboxActual: sandboxActual(decision),
      agrees: true,
      allowed: approved,
      approval: approval.id,
      // As the Agent Client Protocol names the four answers.
      option: `${approved ? 'allow' : 'reject'}_${scope === 'once' ? 'once' : 'always'}`,
      ...{ by, at, scope },
      expires: approval.expiresAt,
    },
  };
}

/**
 * The sandbox that what was decided on runs in. What was told to the judge is what is so: an attempt is held in one way from its
 * beginning to its end.
 */
export function sandboxActual({ request }: Pick<PolicyDecisionRecord, 'request'>): string {
  const { context } = request as { context?: JsonObject };
  return String(context?.['sandbox'] ?? 'none');
}

/** Why something that policy asks about may be, in words. */
export function allowedBy({ id, answer }: Approval): string {
  return `${answer?.by} allowed it (${id}).`;
}

/** Why the answer was no, in words. */
export function describeRejection(approval: Approval): string {
  const { answer } = approval;
  if (!answer) return `Nobody answered ${approval.id} until ${approval.expiresAt}.`;
  return `${answer.by} said no (${approval.id})${answer.reason ? `: ${answer.reason}` : '.'}`;
}
