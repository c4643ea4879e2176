import type { Digest, Recorder } from '@signalbox/kernel';
import type { PolicyOverride } from '../file/override.js';
import type { Approval, ApprovalAnswer, ApprovalDraft } from './approval.js';
import type { OverrideDraft, StoredOverride } from './override.js';

export interface ApprovalFilter {
  /** Only those that wait, that is, can still be answered. */
  waiting?: boolean;
  /** A full id. */
  task?: string;
  /** At most this many, the newest. Default 1,000. */
  limit?: number;
}

/**
 * What came of an answer. `same`: the very answer had been given already, by the same person. `answered_before`: another one had.
 * `expired`: it came too late.
 */
export type AnswerOutcome =
  | { status: 'answered'; approval: Approval }
  | { status: 'same'; approval: Approval }
  | { status: 'answered_before'; approval: Approval }
  | { status: 'expired'; approval: Approval };

/** Questions to persons. Every change commits what `record` returns in the same transaction. */
export interface ApprovalStore {
  /** Asks, unless the same question waits already: then that one is returned, and nothing is recorded. */
  request(draft: ApprovalDraft, record: Recorder<Approval>): Promise<{ approval: Approval; created: boolean }>;
  /** Throws `APPROVAL_NOT_FOUND`. */
  get(id: string): Promise<Approval>;
  /** The full id of a unique beginning. Throws `APPROVAL_NOT_FOUND`, `AMBIGUOUS_ID`. */
  resolve(prefix: string): Promise<string>;
  /** Newest first. */
  list(filter?: ApprovalFilter): Promise<Approval[]>;
  /** The newest about a question. */
  newest(digest: Digest): Promise<Approval | null>;
  /** Throws `APPROVAL_NOT_FOUND`. `validUntil` is in milliseconds since the epoch. */
  answer(
    id: string,
    answer: Omit<ApprovalAnswer, 'at'>,
    validUntil: number,
    record: Recorder<Approval>,
  ): Promise<AnswerOutcome>;
  /**
   * Takes an answer for once, for `decision`, and records it; one for longer stays as it is, unrecorded. False if somebody else
   * has taken it or it has run out: then it must not be acted on.
   */
  use(id: string, decision: string, record: Recorder<Approval>): Promise<boolean>;
  /** Undoes {@link use} for a decision that nothing came of. */
  giveBack(id: string, decision: string, record: Recorder<Approval>): Promise<void>;
  /** Those that nobody has answered in time and {@link expire} has not ended yet. */
  overdue(): Promise<Approval[]>;
  /** Ends those that nobody has answered in time, and returns them. */
  expire(record: Recorder<Approval>): Promise<Approval[]>;
}

/** Exceptions that persons grant beside the policy files. */
export interface OverrideStore {
  add(draft: OverrideDraft, record: Recorder<StoredOverride>): Promise<StoredOverride>;
  /** Throws `OVERRIDE_NOT_FOUND`, `AMBIGUOUS_ID`. */
  resolve(prefix: string): Promise<string>;
  /** Those that count now; `all`: also expired and revoked ones. By age. */
  list(options?: { all?: boolean }): Promise<StoredOverride[]>;
  /** Those that count now, as policy takes them: for a decision that cannot wait. */
  active(): PolicyOverride[];
  /** Revoking one that is revoked changes nothing. Throws `OVERRIDE_NOT_FOUND`. */
  revoke(id: string, by: string, record: Recorder<StoredOverride>): Promise<StoredOverride>;
}

/** What the log says of a text that came into force. */
export interface KeptLayer {
  scope: string;
  path: string;
  digest: Digest;
}

/** The texts of policy files by which something was decided: what a replay needs. */
export interface PolicyTexts {
  /** Keeps those that are not there yet. Cheap for texts that this process has kept before. */
  keep(
    layers: readonly { scope: string; path: string; digest: Digest | null; text: string | null }[],
    record: Recorder<KeptLayer>,
  ): void;
  /** Null if it is not there, or is no longer the text of that digest. */
  get(digest: string): string | null;
}

export interface PolicyRecords {
  /**
   * A digest under a key of this project alone, of what must not be written down: the same text has the same, and nobody can find out
   * the text by trying.
   */
  keyedDigest(text: string): string;
  texts: PolicyTexts;
  approvals: ApprovalStore;
  overrides: OverrideStore;
}
