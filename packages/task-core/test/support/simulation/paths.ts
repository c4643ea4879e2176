import { matchesGlob, parseGlob } from '@signalbox/rules/glob';
import type { PathLock } from '../../../src/index.js';

const GLOBS = ['a/**', 'a/x', '**/x', 'b', 'b/*', '{a,c}/y', '**', '*/[x-y]', 'c/**/z'];
const MODES = ['exclusive', 'exclusive', 'shared'] as const;

export function lockAt(index: number): PathLock {
  return { glob: GLOBS[index % GLOBS.length] as string, mode: MODES[index % MODES.length] as 'exclusive' };
}

/** None, one or two locks, by a number from 0 to 15. */
export function locksAt(index: number): PathLock[] {
  if (index < 3) return [];
  return index % 3 === 0 ? [lockAt(index), lockAt(index + 4)] : [lockAt(index)];
}

const SEGMENTS = ['a', 'b', 'c', 'x', 'y', 'z'];
// For each pair of the patterns above that overlaps, a path that both match is among these.
const PATHS = [
  ...SEGMENTS,
  ...SEGMENTS.flatMap((one) => SEGMENTS.map((two) => `${one}/${two}`)),
  ...SEGMENTS.flatMap((one) => SEGMENTS.flatMap((two) => SEGMENTS.map((three) => `${one}/${two}/${three}`))),
];
const matched = new Map(
  GLOBS.map((glob) => [glob, new Set(PATHS.filter((path) => matchesGlob(parseGlob(glob), path)))]),
);

/** Whether some path matches both and one of the two is exclusive: by trying every path there is. */
export function clash(one: PathLock, other: PathLock): boolean {
  if (one.mode === 'shared' && other.mode === 'shared') return false;
  const others = matched.get(other.glob) as Set<string>;
  return [...(matched.get(one.glob) as Set<string>)].some((path) => others.has(path));
}
