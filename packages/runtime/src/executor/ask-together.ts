import type { Approval } from '@signalbox/policy/records';
import type { Settlement } from '@signalbox/task-core';
import type { Inquiry } from '../approvals/approval-desk.js';
import { approvalBlock } from './settlements.js';

export interface AskedTogether {
  /** Blocked on all that still waits; null if nothing does. */
  settlement: Settlement | null;
  /** What a person has said no to, by the place of the question. */
  rejected: number[];
}

/** Puts several questions before any answer is taken: an answer for once must not be used up while another is still waited for. */
export async function askTogether(...questions: (() => Promise<Inquiry | null>)[]): Promise<AskedTogether> {
  const waiting: Approval[] = [];
  const rejected: number[] = [];
  for (const [index, put] of questions.entries()) {
    const inquiry = await put();
    if (inquiry?.status === 'waiting') waiting.push(inquiry.approval);
    if (inquiry?.status === 'rejected') rejected.push(index);
  }
  if (waiting.length === 0) return { settlement: null, rejected };
  const message = `Policy asks for an approval to ${waiting.map(({ what }) => what).join(', and to ')}.`;
  return {
    rejected,
    settlement: {
      kind: 'blocked',
      blockedBy: waiting.map((approval) => approvalBlock(approval.decision, approval.what, approval)),
      failure: { class: 'policy_denied', message },
    },
  };
}
