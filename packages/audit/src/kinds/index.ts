export { checkEntry, type EntryProblem, entryJsonSchemas, entryKinds } from './check-entry.js';
export { ENTRY_SCHEMAS } from './kinds.js';
