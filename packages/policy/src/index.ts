export { ACTIONS, attributesOf } from './attributes.js';
export { checkPolicy } from './check.js';
export { decide } from './decide.js';
export type { Effect } from './effect.js';
export { type EffectiveSetting, effectiveSettings } from './effective-settings.js';
export { PolicyError, type PolicyErrorCode } from './errors.js';
export { evaluateRequest } from './evaluate.js';
export type {
  Layer,
  LayerScope,
  LayerSource,
  LayerState,
  PolicyException,
  Rule,
  Scope,
} from './file/layer.js';
export { type Obligation, type ObligationKind, parseBudget, type SandboxMode } from './file/obligation.js';
export type { PolicyOverride } from './file/override.js';
export type { PolicyProblem, PolicyProblemCode } from './file/problem.js';
export { durationMs } from './file/settings.js';
export { initialPolicyYaml } from './initial-policy.js';
export type { MachineFacts } from './judge/facts.js';
export type { Verdict } from './judge/verdict.js';
export { type LoadOptions, loadLayer, loadPolicy, type Policy } from './load.js';
export { rulesNeedingApproval } from './needs-approval.js';
export { checkOverride } from './overrides.js';
export type {
  DecisionFacts,
  MatchedRule,
  NormalisedCommands,
  ObligationState,
  PolicyDecisionRecord,
  ReasonCode,
} from './record.js';
export type { PolicyRequest, SubjectKind } from './request.js';
