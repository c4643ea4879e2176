export { findPolicyConflicts } from './find.js';
export type { FindingsOptions, FindingsReport, PolicyFinding, UnknownFinding } from './finding.js';
export { summariseFindings } from './summarise.js';
