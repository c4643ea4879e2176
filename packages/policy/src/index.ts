export { ACTIONS, attributesOf } from './attributes.js';
export { checkPolicy } from './check.js';
export { decide } from './decide.js';
export type { Effect } from './effect.js';
export { type EffectiveSetting, effectiveSettings } from './effective-settings.js';
export { PolicyError, type PolicyErrorCode } from './errors.js';
export type {
  Layer,
  LayerSource,
  LayerState,
  Obligation,
  PolicyException,
  Rule,
  Scope,
} from './file/layer.js';
export type { PolicyProblem, PolicyProblemCode } from './file/problem.js';
export { initialPolicyYaml } from './initial-policy.js';
export type { MachineFacts } from './judge/facts.js';
export { type LoadOptions, loadPolicy, type Policy } from './load.js';
export { rulesNeedingApproval } from './needs-approval.js';
export type {
  DecisionFacts,
  MatchedRule,
  NormalisedCommands,
  ObligationState,
  PolicyDecisionRecord,
  ReasonCode,
} from './record.js';
export type { PolicyRequest, SubjectKind } from './request.js';
