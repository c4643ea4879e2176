import type { PolicyRequest } from '@signalbox/policy';
import type { Approval } from '@signalbox/policy/records';
import { type Suggestion, suggestRules } from '@signalbox/policy/suggest';
import { findDecision } from '../decisions/find-decisions.js';
import type { ProjectStore } from '../project/open-store.js';

/** The narrowest rules by which policy would not ask this again. */
export function suggestForApproval(store: Pick<ProjectStore, 'ledger'>, approval: Approval): Suggestion {
  const { record } = findDecision(store, approval.decision);
  return suggestRules(record.request as unknown as PolicyRequest, record);
}
