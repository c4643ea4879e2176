import type { JsonObject } from './canonical-json.js';

const BRAND = Symbol.for('signalbox.error');

export interface ErrorFields<Code extends string> {
  /** Stable and pinned by a test: callers branch on it, never on the message. */
  code: Code;
  /** One sentence saying what is wrong. */
  message: string;
  /** One sentence saying what to do about it. */
  hint?: string;
  /** What a program needs to react: who holds the lock, which ids form the cycle. */
  details?: JsonObject;
  cause?: unknown;
}

/** The base of each package's one error class. A subclass closes `Code` to the union of that package's codes. */
export class SignalboxError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly hint: string | undefined;
  readonly details: JsonObject | undefined;

  constructor(fields: ErrorFields<Code>) {
    super(fields.message, fields.cause === undefined ? undefined : { cause: fields.cause });
    this.name = new.target.name;
    this.code = fields.code;
    this.hint = fields.hint;
    this.details = fields.details;
    Object.defineProperty(this, BRAND, { value: true });
  }
}

/** True for an error of any Signalbox package, also when two copies of this library are loaded. */
export function isSignalboxError(value: unknown): value is SignalboxError {
  return value instanceof Error && BRAND in value;
}

/** The message of anything thrown, for use as a cause in a sentence. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

export type KernelErrorCode =
  | 'NOT_JSON'
  | 'SQLITE_UNAVAILABLE'
  | 'STORE_NEWER'
  | 'STORE_UNREADABLE'
  | 'STORE_BUSY'
  | 'BACKUP_FAILED';

export class KernelError extends SignalboxError<KernelErrorCode> {}
