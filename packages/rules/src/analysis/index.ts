export type { AnalysisOptions, Satisfiability } from './analyzer.js';
export { type ArgvPattern, type ArgvToken, matchesArgv, readArgvPattern } from './argv-pattern.js';
export type { Condition, Expected, Judgeable } from './condition.js';
export { describeFinding, describeWitness } from './conflicts/describe-finding.js';
export { type ConflictOptions, type ConflictReport, findConflicts } from './conflicts/find-conflicts.js';
export type { Finding, FindingKind, UnknownConflict, WitnessRequest } from './conflicts/finding.js';
export type { AnalysedRule, RuleEffect } from './conflicts/rule.js';
export { checkEquivalence, checkImplication, checkSatisfiable, type Entailment } from './questions.js';
