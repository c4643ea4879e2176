import { type Glob, globsOverlap, parseGlob } from '@signalbox/rules/glob';
import type { PathLock } from '../task.js';

// Building an automaton costs some 10 µs, comparing two some 2 µs, and the same few patterns come again and again.
const LIMIT = 4_096;
const known = new Map<string, Glob>();

/** The compiled form of a pattern that was checked before. */
export function knownGlob(pattern: string): Glob {
  let glob = known.get(pattern);
  if (!glob) {
    glob = parseGlob(pattern);
    if (known.size >= LIMIT) known.clear();
    known.set(pattern, glob);
  }
  return glob;
}

/** Whether some path matches both and one of the two is exclusive. */
export function locksConflict(one: PathLock, other: PathLock): boolean {
  if (one.mode === 'shared' && other.mode === 'shared') return false;
  if (one.glob === other.glob) return true;
  return globsOverlap(knownGlob(one.glob), knownGlob(other.glob));
}
