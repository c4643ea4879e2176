import { posix } from 'node:path';
import type { JsonObject } from '@signalbox/kernel';
import { checkGlob, matchesGlob, parseGlob } from '@signalbox/rules/glob';
import type { PolicyRequest } from '../request.js';
import type { RecordedFacts } from './facts.js';
import type { Part, View } from './part.js';
import { withResource } from './resource.js';

/** Where paths are judged from. */
export interface Workspace {
  /** Absolute and normal. */
  readonly root: string;
  readonly facts: RecordedFacts;
}

export interface Place {
  /** Relative to the workspace where it lies inside, else absolute. */
  readonly lexical: string;
  readonly real: string;
  /** True if both lie inside. */
  readonly inside: boolean;
  /** False if the real path cannot be found out. */
  readonly known: boolean;
}

/** Where a path leads, `path` being absolute or relative to `cwd`. */
export function locate(workspace: Workspace, path: string, cwd: string): Place {
  const { root, facts } = workspace;
  const written = path.startsWith('/') ? path : `${cwd}/${path}`;
  const lexical = normalPath(written);
  // The path goes to the file system as written: behind a link, ".." is not what it seems to be.
  const real = path.includes('\0') ? null : facts.realPath(written);
  const realRoot = facts.realRoot(root);
  const name = nameInside(root, lexical);
  // Most paths have no links in them, and then there is one name.
  const realName =
    realRoot === root && (real === null || real === lexical) ? name : nameInside(realRoot, real ?? lexical);
  return {
    lexical: name,
    real: realName,
    inside: isInside(root, lexical) && isInside(realRoot, real ?? lexical),
    known: real !== null,
  };
}

export function isInside(root: string, path: string): boolean {
  // Without writing `${root}/`, which took most of the time this did.
  if (!path.startsWith(root)) return false;
  return path.length === root.length || root === '/' || path.charCodeAt(root.length) === SLASH;
}

const SLASH = 0x2f;

function nameInside(root: string, path: string): string {
  if (!isInside(root, path)) return path;
  // Both are absolute and normal.
  return path.slice(root === '/' ? 1 : root.length + 1) || '.';
}

/** What `posix.resolve` makes of an absolute path, without going through one that is normal already. */
function normalPath(path: string): string {
  return NOT_NORMAL.test(path) || path === '/' ? posix.resolve(path) : path;
}

// An empty segment, one that begins with a dot, or a slash at the end.
const NOT_NORMAL = /\/\/|\/\.|\/$/;

/** A file that a request reads or writes. */
interface JudgedFile {
  readonly action: string;
  /** As written. */
  readonly path: string;
  /** Where that leads from each folder it may be named from. */
  readonly places: readonly Place[];
  /** What else is known of it. */
  readonly resource: JsonObject;
  readonly inferred: boolean;
}

/** A read or a write of one file, seen from each folder it may be named from. */
export function filePart(request: PolicyRequest, locks: LockTest, file: JudgedFile): Part {
  const { action, path, places, resource, inferred } = file;
  const views: View[] = [];
  let certain = true;
  for (const place of places) {
    if (!place.known) certain = false;
    addViews(views, request, resource, place, locks);
  }
  const label = action === 'file.write' ? `write to ${path}` : `read ${path}`;
  return { action, label, views, command: null, certain, inferred };
}

function addViews(views: View[], request: PolicyRequest, resource: JsonObject, place: Place, locks: LockTest): void {
  const { lexical, real, inside } = place;
  views.push(fileView(request, resource, lexical, inside, locks, false));
  if (real !== lexical) views.push(fileView(request, resource, real, inside, locks, false));
  // Some volumes do not tell upper from lower case, so .ENV may be .env.
  const folded = lexical.toLowerCase();
  if (folded !== lexical && folded !== real) views.push(fileView(request, resource, folded, inside, locks, true));
  if (real === lexical) return;
  const foldedReal = real.toLowerCase();
  if (foldedReal === folded || foldedReal === lexical || foldedReal === real) return;
  views.push(fileView(request, resource, foldedReal, inside, locks, true));
}

function fileView(
  { subject, action, context }: PolicyRequest,
  resource: JsonObject,
  path: string,
  inside: boolean,
  locks: LockTest,
  tightenOnly: boolean,
): View {
  const own = withResource({ path, inside }, resource);
  if (locks !== null && own['in_locks'] === undefined) own['in_locks'] = inside && locks(path);
  return { attributes: { subject, action, context, resource: own }, tightenOnly };
}

type LockTest = ((path: string) => boolean) | null;

/** Whether a path lies in the task's locks; `null` if it has none. */
export function lockTest(request: PolicyRequest): LockTest {
  const locks = request.context.task?.locks ?? [];
  if (locks.length === 0) return null;
  const tests = locks.map(lockMatcher);
  return (path) => tests.some((test) => test(path));
}

// The same few locks stand in every request of a task, and compiling one takes some 20 µs.
const matchers = new Map<string, (path: string) => boolean>();
const MAX_MATCHERS = 256;

/** Matches the paths of one lock; one that is no glob has none. */
function lockMatcher(lock: string): (path: string) => boolean {
  let matcher = matchers.get(lock);
  if (matcher === undefined) {
    const glob = checkGlob(lock) === null ? parseGlob(lock) : null;
    matcher = (path) => glob !== null && matchesGlob(glob, path);
    if (matchers.size >= MAX_MATCHERS) matchers.clear();
    matchers.set(lock, matcher);
  }
  return matcher;
}
