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
  const lexical = posix.resolve(written);
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
  return posix.relative(root, path) || '.';
}

/** A read or a write of one file, seen from each folder it may be named from. */
export function filePart(
  workspace: Workspace,
  request: PolicyRequest,
  file: { action: string; path: string; cwds: readonly string[]; resource: JsonObject; inferred: boolean },
): Part {
  const places = file.cwds.map((cwd) => locate(workspace, file.path, cwd));
  const views = places.flatMap((place) => fileViews(request, file.resource, place));
  const verb = file.action === 'file.write' ? 'write to' : 'read';
  return {
    action: file.action,
    label: `${verb} ${file.path}`,
    views,
    command: null,
    certain: places.every((place) => place.known),
    inferred: file.inferred,
  };
}

function fileViews(request: PolicyRequest, resource: JsonObject, place: Place): View[] {
  const { subject, action, context } = request;
  const locks = lockTest(request);
  const view = (path: string, tightenOnly: boolean): View => {
    const own: JsonObject = { ...resource, path, inside: place.inside };
    if (own['in_locks'] === undefined && locks) own['in_locks'] = place.inside && locks(path);
    return { attributes: { subject, action, context, resource: own }, tightenOnly };
  };
  const paths = [...new Set([place.lexical, place.real])];
  // Some volumes do not tell upper from lower case, so .ENV may be .env.
  const folded = paths.map((path) => path.toLowerCase()).filter((path) => !paths.includes(path));
  return [...paths.map((path) => view(path, false)), ...[...new Set(folded)].map((path) => view(path, true))];
}

/** Whether a path lies in the task's locks; `null` if it has none. */
function lockTest(request: PolicyRequest): ((path: string) => boolean) | null {
  const locks = request.context.task?.locks ?? [];
  if (locks.length === 0) return null;
  const globs = locks.filter((lock) => checkGlob(lock) === null).map(parseGlob);
  return (path) => globs.some((glob) => matchesGlob(glob, path));
}
