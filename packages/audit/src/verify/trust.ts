import { type Checkpoint, parseCheckpoint, readCheckpoint } from '../checkpoint/checkpoint.js';
import { checkNote } from '../signing/signed-note.js';
import type { VerifierKey } from '../signing/verifier-key.js';
import type { Finding } from './report.js';

/** A root that the first `size` lines must have, from a checkpoint that could be read and, if a key is known, is signed. */
export interface TrustedRoot {
  size: number;
  /** Base64. */
  root: string;
  /** Which log it speaks of; the log's own head need not say. */
  origin?: string;
  source: 'checkpoint' | 'head' | 'anchor';
}

/** What lines are held against. */
export interface Trust {
  roots: TrustedRoot[];
  /** The head, which covers all lines. */
  head?: TrustedRoot;
  anchor?: Checkpoint;
  /** Why a checkpoint beside the log cannot be used. */
  problems: Finding[];
  /** Why the anchor cannot be used. */
  anchorProblem?: Finding;
}

/** The keys that may have signed: the trusted one first, then those it was handed on to. Empty: signatures are not checked. */
export type Verifiers = readonly VerifierKey[];

/** Reads checkpoints and anchor. Throws `CHECKPOINT_INVALID` only for the anchor: that one is the caller's own. */
export function readTrust(notes: Iterable<string>, anchorNote: string | undefined, verifiers: Verifiers): Trust {
  const trust: Trust = { roots: [], problems: [] };
  for (const note of notes) {
    const root = readRoot(note, verifiers);
    if ('reason' in root) trust.problems.push(root);
    else trust.roots.push(root);
  }
  if (anchorNote === undefined) return trust;
  trust.anchor = parseCheckpoint(anchorNote);
  const anchor = readRoot(anchorNote, verifiers);
  if ('reason' in anchor) trust.anchorProblem = { ...anchor, reason: `The anchor does not count. ${anchor.reason}` };
  else trust.roots.push({ ...anchor, source: 'anchor' });
  return trust;
}

/** The root that a note vouches for, or why it vouches for nothing. */
export function readRoot(note: string, verifiers: Verifiers): TrustedRoot | Finding {
  const parsed = readCheckpoint(note);
  if (!parsed) return { kind: 'edited', reason: 'A checkpoint is not well formed.' };
  const { origin, size, root } = parsed.checkpoint;
  const trusted: TrustedRoot = { size, root, origin, source: 'checkpoint' };
  const [first] = verifiers;
  if (!first) return trusted;
  let forged: VerifierKey | undefined;
  for (const verifier of verifiers) {
    const signed = checkNote(parsed.note, verifier);
    if (signed === 'signed') return trusted;
    if (signed === 'bad-signature') forged ??= verifier;
  }
  const why = forged ? `carries a false signature of ${forged.name}` : `is not signed by ${first.name}`;
  return { kind: 'edited', reason: `The checkpoint over ${size} entries ${why}.` };
}
