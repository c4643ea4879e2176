export { canonicalJson, type Json, type JsonObject } from './canonical-json.js';
export { type Clock, isoTime, sleep, systemClock } from './clock.js';
export { type Digest, digestOf, sha256 } from './digest.js';
export {
  type ErrorFields,
  isSignalboxError,
  KernelError,
  type KernelErrorCode,
  messageOf,
  SignalboxError,
} from './errors.js';
export { createIds, type Ids, randomToken } from './ids.js';
export type { Journal, JournalEntry, Recorder } from './journal.js';
