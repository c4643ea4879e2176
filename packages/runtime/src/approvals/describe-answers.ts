import type { ApprovalStore } from '@signalbox/policy/records';
import { describeRejection } from './entries.js';

/** What persons have answered to the questions of a task, oldest first, as an agent is told it. */
export async function describeAnswers(approvals: ApprovalStore, task: string): Promise<string[]> {
  const asked = await approvals.list({ task });
  return asked.reverse().flatMap((approval) => {
    const { what, answer, state } = approval;
    if (answer?.effect === 'approve' && state !== 'used') return [`You may ${what}.`];
    if (answer?.effect === 'reject' || state === 'expired') {
      return [`You may not ${what}. ${describeRejection(approval)}`];
    }
    return [];
  });
}
