import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isSignalboxError } from '@signalbox/kernel';
import { fingerprintChanges } from '../git/fingerprint.js';
import { createPrivateGit } from '../git/private-git.js';
import { createSnapshots } from '../git/snapshot.js';
import { watchSubmodules } from '../workspace/submodule-work.js';
import { pathsInRepository, type Repository } from '../workspace/workspace.js';
import type { AttemptScope } from './attempt-scope.js';
import { type Change, collectChange } from './change.js';
import { collectContext } from './collect-context.js';
import type { ExecutorEnv } from './env.js';
import { fingerprintOf, keepFingerprint } from './kept-fingerprint.js';
import { collectListedChange, isNoWork } from './listed-change.js';
import { createObjectGit } from './object-git.js';

/** How things stood when the agent began, and how to look again. */
export interface Watch {
  /** What has changed since. */
  change(): Promise<Change>;
  /** The names of git's own files that have changed since. */
  tampered(): string[];
}

/** Null for a folder that is too large to be looked at: its checks alone then tell. */
export async function startWatch(env: ExecutorEnv, scope: AttemptScope): Promise<Watch | null> {
  const { repository } = scope.workspace;
  return repository ? watchRepository(env, scope, repository) : watchFolder(env, scope);
}

async function watchRepository(env: ExecutorEnv, scope: AttemptScope, repository: Repository): Promise<Watch> {
  const { ownScratch } = scope;
  const { top: folder, common, base, main } = repository;
  const place = join(ownScratch, 'watch');
  await mkdir(place, { recursive: true });
  const { prefix, copied, submodules } = scope.workspace;
  const excluded = pathsInRepository(prefix, copied);
  const { environment } = env;
  const git = await createPrivateGit({ folder, common, place, base, main, environment, excluded });
  const objects = createObjectGit({ top: folder, place, common, environment });
  const snapshots = createSnapshots(git, base, place);
  const before = await snapshots.take();
  const within = await watchSubmodules({ folder, submodules, place, environment });
  const untouched = fingerprintOf(main.folder) ?? new Map();
  keepFingerprint(ownScratch, untouched);
  return {
    change: () =>
      collectChange({ ...scope, repository, git, objects, snapshots, before, within }, contextOf(env, scope)),
    tampered: () => fingerprintChanges(untouched, fingerprintOf(main.folder) ?? new Map()),
  };
}

async function watchFolder(env: ExecutorEnv, scope: AttemptScope): Promise<Watch | null> {
  const { takeListing } = await import('@signalbox/audit/collectors');
  try {
    const before = await takeListing(scope.workspace.folder, { skip: isNoWork });
    return { change: () => collectListedChange(before, contextOf(env, scope)), tampered: () => [] };
  } catch (error) {
    if (!isSignalboxError(error) || error.code !== 'COLLECT_FAILED') throw error;
    const text = `Changes are not looked at: ${error.message}`;
    scope.trace.write('note', { text });
    scope.progress({ task: scope.task.id, step: 'workspace', text });
    return null;
  }
}

function contextOf(env: ExecutorEnv, { task, attempt, workspace, blobs }: AttemptScope) {
  return collectContext(env, { task: task.id, attempt: attempt.id, folder: workspace.folder, tree: null, blobs });
}
