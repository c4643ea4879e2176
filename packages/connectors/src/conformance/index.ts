export type { ConformanceCase } from './case.js';
export { type StandIn, scenariosOf } from './scenarios-of.js';
export {
  type ConformanceOptions,
  type ConformanceSubject,
  type Scenario,
  type ScenarioOrReason,
  type Scenarios,
  SECRET_VARIABLE,
  type Situation,
  type Stage,
} from './subject.js';
export {
  type CaseResult,
  type ConformanceReport,
  type ConformanceRunner,
  checkConformance,
  conformanceCases,
  describeConformance,
} from './suite.js';
