import type { PolicyDecisionRecord } from '@signalbox/policy';
import type { Approval } from '@signalbox/policy/records';
import { describeRejection } from '../approvals/entries.js';
import { RuntimeError } from '../errors.js';

/** The error that a refused command ends with. `approval`: what a person was asked, or has answered with no. */
export function refusal(action: string, decision: PolicyDecisionRecord, approval: Approval | null): RuntimeError {
  const details = {
    decision: decision.id,
    reasonCode: decision.reasonCode,
    determining: decision.determining,
    ...(approval ? { approval: approval.id } : {}),
  };
  if (decision.reasonCode === 'error.policy') {
    return new RuntimeError({
      code: 'POLICY_INVALID',
      message: decision.reason,
      hint: 'See every fault with `signalbox policy validate`; until they are mended, everything is denied.',
      details,
    });
  }
  if (decision.decision === 'deny') {
    return new RuntimeError({
      code: 'POLICY_DENIED',
      message: `Policy denies ${action}: ${decision.reason}`,
      hint: `See the whole decision with \`signalbox policy decisions show ${decision.id}\`.`,
      details,
    });
  }
  if (!approval) {
    return new RuntimeError({
      code: 'POLICY_DENIED',
      message: `Policy asks before ${action}, and there is nobody to ask: ${decision.reason}`,
      hint: 'Let a rule of .ai/policy.yaml allow it or deny it.',
      details,
    });
  }
  return approval.state === 'waiting' ? stillWaits(action, decision, approval, details) : saidNo(approval, details);
}

function stillWaits(
  action: string,
  decision: PolicyDecisionRecord,
  approval: Approval,
  details: ConstructorParameters<typeof RuntimeError>[0]['details'],
): RuntimeError {
  return new RuntimeError({
    code: 'APPROVAL_REQUIRED',
    message: `Policy asks for an approval of ${action}: ${decision.reason}`,
    hint: `Let a person run \`signalbox approval approve ${approval.id}\`, and try again.`,
    ...(details ? { details } : {}),
  });
}

function saidNo(approval: Approval, details: ConstructorParameters<typeof RuntimeError>[0]['details']): RuntimeError {
  return new RuntimeError({
    code: 'POLICY_DENIED',
    message: `This may not be done: ${describeRejection(approval)}`,
    hint: `See what was asked with \`signalbox approval show ${approval.id}\`.`,
    ...(details ? { details } : {}),
  });
}
