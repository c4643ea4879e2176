import { posix } from 'node:path';
import type { JsonObject } from '@signalbox/kernel';
import { checkGlob, matchesGlob, parseGlob } from '@signalbox/rules/glob';
import type { PolicyRequest } from '../request.js';
import type { RecordedFacts } from './facts.js';
import type { Part, View } from './part.js';

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
  const written = path.startsWith('/') ? path : `${cwd}/${path}`;
  const lexical = normalPath(written);
  // The path goes to the file system as written: behind a link, ".." is not what it seems to be.
  const real = path.includes('\0') ? null : workspace.facts.realPath(written);
  const realRoot = workspace.facts.realPath(workspace.root) ?? workspace.root;
  return {
    lexical: nameInside(workspace.root, lexical),
    real: nameInside(realRoot, real ?? lexical),
    inside: isInside(workspace.root, lexical) && isInside(realRoot, real ?? lexical),
    known: real !== null,
  };
}

export function isInside(root: string, path: string): boolean {
  return path === root || path.startsWith(root === '/' ? root : `${root}/`);
}

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

/** A read or a write of one file, seen from each folder it may be named from. */
export function filePart(
  workspace: Workspace,
  request: PolicyRequest,
  file: { action: string; path: string; cwds: readonly string[]; resource: JsonObject; inferred: boolean },
): Part {
  const locks = lockTest(request);
  const views: View[] = [];
  let certain = true;
  for (const cwd of file.cwds) {
    const place = locate(workspace, file.path, cwd);
    if (!place.known) certain = false;
    addViews(views, request, file.resource, place, locks);
  }
  const label = file.action === 'file.write' ? `write to ${file.path}` : `read ${file.path}`;
  return { action: file.action, label, views, command: null, certain, inferred: file.inferred };
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
  const own: JsonObject = { ...resource, path, inside };
  if (locks !== null && own['in_locks'] === undefined) own['in_locks'] = inside && locks(path);
  return { attributes: { subject, action, context, resource: own }, tightenOnly };
}

type LockTest = ((path: string) => boolean) | null;

/** Whether a path lies in the task's locks; `null` if it has none. */
function lockTest(request: PolicyRequest): LockTest {
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
