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

/** Reads checkpoints and anchor. Throws `CHECKPOINT_INVALID` only for the anchor: that one is the caller's own. */
export function readTrust(notes: readonly string[], anchorNote?: string, verifier?: VerifierKey): Trust {
  const trust: Trust = { roots: [], problems: [] };
  for (const note of notes) {
    const root = readRoot(note, verifier);
    if ('reason' in root) trust.problems.push(root);
    else trust.roots.push(root);
  }
  if (anchorNote === undefined) return trust;
  trust.anchor = parseCheckpoint(anchorNote);
  const anchor = readRoot(anchorNote, verifier);
  if ('reason' in anchor) trust.anchorProblem = { ...anchor, reason: `The anchor does not count. ${anchor.reason}` };
  else trust.roots.push({ ...anchor, source: 'anchor' });
  return trust;
}

/** The root that a note vouches for, or why it vouches for nothing. */
export function readRoot(note: string, verifier?: VerifierKey): TrustedRoot | Finding {
  const parsed = readCheckpoint(note);
  if (!parsed) return { kind: 'edited', reason: 'A checkpoint is not well formed.' };
  const { origin, size, root } = parsed.checkpoint;
  const signed = verifier ? checkNote(parsed.note, verifier) : 'signed';
  if (signed === 'signed') return { size, root, origin, source: 'checkpoint' };
  const why = signed === 'bad-signature' ? 'carries a false signature of' : 'is not signed by';
  return { kind: 'edited', reason: `The checkpoint over ${size} entries ${why} ${verifier?.name}.` };
}
