export { type AIDraft, type AIInstance, type AIStatus, parseAI } from './ai.js';
export { type Candidate, type Choice, choose, type Ranked, type RoutingNeed } from './choose.js';
export { RouterError, type RouterErrorCode } from './errors.js';
export { type AIRegistry, openSqliteRegistry } from './registry.js';
