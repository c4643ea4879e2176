import type { PolicyRequest } from '@signalbox/policy';
import type { Approval } from '@signalbox/policy/records';
import { type Suggestion, suggestRules } from '@signalbox/policy/suggest';
import { wholePolicyInForce } from '../decisions/check-policy.js';
import { findDecision } from '../decisions/find-decisions.js';
import type { ProjectStore } from '../project/open-store.js';

/** The narrowest rules by which policy would not ask this again. */
export function suggestForApproval(store: ProjectStore, path: string, approval: Approval): Suggestion {
  const { record } = findDecision(store, approval.decision);
  const request = record.request as unknown as PolicyRequest;
  const ai = request.subject.kind === 'ai' ? request.subject.id : undefined;
  return suggestRules(request, record, wholePolicyInForce(store, path, ai));
}
