import { realpathSync, statSync } from 'node:fs';
import type { Sandbox } from './types.js';

/** Folders of the whole machine in which sockets of other programs lie, by which one could have them act outside. */
const PRIVATE = ['/tmp', '/var/tmp', '/run'];

/** Of what lies in `/run`: where name servers are noted, often by a link, and the programs of NixOS. */
const KEPT_OF_RUN = ['/etc/resolv.conf', '/run/current-system'];

// Root owns these files, and so may write to them without any capability: by kernel/core_pattern, a program of its choice runs
// outside. Others may not; for them, a covered /proc would keep a sandbox within this one from mounting its own.
const OWNED_BY_ROOT = ['/proc/sys', '/proc/sysrq-trigger'];

type Kind = 'writable' | 'readable' | 'hidden' | 'private';

interface Mount {
  path: string;
  kind: Kind;
  isFolder: boolean;
}

/**
 * The mounts of a sandbox, as arguments: what lies deeper comes later, so that it shows through what is mounted around it. Where
 * two are for the same path, the stricter comes later.
 */
export function mountArguments(
  sandbox: Pick<Sandbox, 'writable' | 'readable' | 'hidden'>,
  isRoot = process.getuid?.() === 0,
): string[] {
  const mounts = [
    ...collect('private', PRIVATE),
    ...collect('writable', sandbox.writable),
    ...collect('readable', [...sandbox.readable, ...KEPT_OF_RUN.filter((path) => isPrivate(realPath(path) ?? ''))]),
    ...collect('hidden', sandbox.hidden),
  ];
  const ordered = mounts.sort((a, b) => depth(a.path) - depth(b.path));
  const hidden = ordered.filter(({ kind, isFolder }) => kind === 'hidden' && isFolder);
  return [
    ...['--ro-bind', '/', '/', '--dev', '/dev', '--proc', '/proc'],
    ...(isRoot ? OWNED_BY_ROOT.flatMap((path) => ['--ro-bind-try', path, path]) : []),
    ...ordered.flatMap(argumentsOf),
    // What others would see there is not to be written where nobody reads it.
    ...hidden.flatMap(({ path }) => ['--remount-ro', path]),
  ];
}

function argumentsOf({ path, kind, isFolder }: Mount): string[] {
  if (kind === 'writable') return ['--bind', path, path];
  if (kind === 'readable') return ['--ro-bind', path, path];
  return isFolder ? ['--tmpfs', path] : ['--ro-bind', '/dev/null', path];
}

function collect(kind: Kind, paths: readonly string[]): Mount[] {
  const real = new Set(paths.flatMap((path) => realPath(path) ?? []));
  return [...real].map((path) => ({ path, kind, isFolder: statSync(path).isDirectory() }));
}

/** Whether a path is in one of the folders of which a sandbox has its own. */
export function isPrivate(path: string): boolean {
  return PRIVATE.some((folder) => path.startsWith(`${folder}/`));
}

/** The path without links; null for what is not there. */
export function realPath(path: string): string | null {
  try {
    return realpathSync(path);
  } catch {
    return null;
  }
}

function depth(path: string): number {
  return path === '/' ? 0 : path.split('/').length;
}
