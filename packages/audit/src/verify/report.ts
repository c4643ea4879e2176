/**
 * How a ledger was changed behind its back: an entry's text was altered, is gone, stands in another place, is there twice,
 * or the end is cut off.
 */
export type DamageKind = 'edited' | 'missing' | 'reordered' | 'duplicated' | 'truncated';

/** The first thing that is wrong. */
export interface Finding {
  kind: DamageKind;
  /** One sentence. */
  reason: string;
  /** `seq` of the entry. Absent when the fault lies in a checkpoint and no entry can be blamed. */
  firstBad?: number;
  /** The file of the sealed segment that `firstBad` lies in. */
  segment?: string;
}

/** Two answers: is what is here unchanged, and is it all that there ever was. */
export interface LedgerReport extends Partial<Finding> {
  /** Nothing is wrong. Completeness may still be unproven. */
  ok: boolean;
  /** Every entry is chained to the one before, and every root that was recorded of them is theirs. */
  integrity: boolean;
  /** `proven` only if an anchor from outside the log covers a part of it and fits: up to there, nothing was cut off. */
  completeness: 'proven' | 'unproven';
  /** How many lines were read. */
  entries: number;
  /** Up to where completeness is proven. */
  anchoredAt?: { size: number; time?: string };
  /**
   * The verifier key that signatures were checked with; absent if none was given, and then signatures were not checked.
   * For an export checked with its own key, compare this with the key that you know.
   */
  signer?: string;
  /** `incremental`: only entries from `readFrom` on were read; those before were verified at another time. */
  mode: 'full' | 'incremental';
  /** `seq` of the first entry that was read. */
  readFrom: number;
  /** What was proved and what was not, up to where: sentences for a person. */
  proved: string[];
}
