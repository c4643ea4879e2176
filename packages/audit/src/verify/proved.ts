import type { LedgerReport } from './report.js';

/** What there is to say about a verification besides its two answers. */
export interface Circumstances {
  mode: LedgerReport['mode'];
  readFrom: number;
  /** When the entries before `readFrom` were verified: ISO 8601. */
  verifiedAt?: string;
  /** Up to which entry a recorded root was found to fit. */
  confirmed: number;
  /** How many keys may have signed. */
  keys: number;
  /** How many roots were recorded beside the log: checkpoints and the head. */
  roots: number;
  /** True if an anchor was given. */
  hasAnchor: boolean;
}

type Answers = Omit<LedgerReport, 'proved' | 'mode' | 'readFrom'>;

/** Says in words what a verification proved, up to where, and what it could not prove. */
export function describeProof(answers: Answers, circumstances: Circumstances): string[] {
  return [
    ...describeIntegrity(answers, circumstances),
    describeSignatures(answers, circumstances.keys),
    describeCompleteness(answers, circumstances.hasAnchor),
  ];
}

function describeIntegrity(
  answers: Answers,
  { mode, readFrom, verifiedAt, confirmed, roots }: Circumstances,
): string[] {
  const { integrity, entries, firstBad } = answers;
  if (!integrity) {
    const known = confirmed > 0 ? `Up to entry ${confirmed}, the entries have the root that was recorded of them` : '';
    const from = firstBad === undefined ? 'a checkpoint cannot be relied on' : `entry ${firstBad} is the first bad one`;
    return [known === '' ? `Integrity does not hold: ${from}.` : `${known}; integrity does not hold: ${from}.`];
  }
  const held = roots === 0 ? 'no root was recorded to hold them against' : 'every recorded root is theirs';
  if (mode === 'full') return [`Entries 1 to ${entries} were read: each quotes the one before, and ${held}.`];
  const old = readFrom - 1;
  const read =
    readFrom > entries
      ? 'No entry was added since.'
      : `Entries ${readFrom} to ${entries} were read: each quotes the one before, and their tree extends that of the first ${old}.`;
  return [`Entries 1 to ${old} were verified at ${verifiedAt} and not read again; their root is signed.`, read];
}

function describeSignatures({ signer }: Answers, keys: number): string {
  if (signer === undefined) return 'No key was given, so no signature was checked.';
  const name = signer.split('+')[0];
  return `Signatures were checked with the key ${name}${keys > 1 ? ` and ${keys - 1} that it was handed on to` : ''}.`;
}

function describeCompleteness({ completeness, anchoredAt }: Answers, hasAnchor: boolean): string {
  if (completeness === 'proven' && anchoredAt) {
    const time = anchoredAt.time === undefined ? '' : ` of ${anchoredAt.time}`;
    return `Completeness is proven up to entry ${anchoredAt.size}: the anchor${time} fits.`;
  }
  const why = hasAnchor ? 'the anchor does not fit' : 'there is no anchor from outside the log';
  return `Completeness is not proven: ${why}.`;
}
