import type { Clock } from '@signalbox/kernel';
import { type Approval, type ApprovalStore, answerOf } from '@signalbox/policy/records';

/** An AI that has asked about a task, and the question that is open, or answered and not used yet. */
export interface AnsweredAI {
  ai: string;
  approval: Approval;
}

/**
 * The AI to which the newest answer about a task belongs; null if none does. An answer is for one actor: another AI would have to
 * ask again, and the person who has answered would be asked for ever.
 */
export async function answeredAI(
  { approvals, clock }: { approvals: ApprovalStore; clock: Clock },
  task: string,
): Promise<AnsweredAI | null> {
  const now = clock.now();
  for (const approval of await approvals.list({ task })) {
    const ai = /^ai:(.+)$/.exec(approval.requester)?.[1];
    if (ai !== undefined && answerOf(approval, now).status !== 'unasked') return { ai, approval };
  }
  return null;
}
