import { existsSync, readdirSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { sweep } from '@signalbox/connectors';
import type { JournalEntry } from '@signalbox/kernel';
import type { HeldTask, LandingIntent } from '@signalbox/task-core';
import { createGit } from '../git/git.js';
import { isAncestor } from '../landing/integration.js';
import type { ProjectStore } from '../project/open-store.js';
import { recordSettle } from '../tasks/entries.js';
import { collectWorktree, worktreeEnv } from '../workspace/worktree.js';

/**
 * Ends what dead executors left running and gives their tasks back, no attempt spent. A landing that was under way is
 * decided by looking: if the branch holds the new commit the task is done, else nothing happened.
 */
export async function recoverOrphans(
  store: ProjectStore,
  orphans: readonly HeldTask[],
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  for (const { task, attempt } of orphans) {
    if (attempt) {
      await sweep(attempt.id);
      await rm(join(store.paths.scratch, attempt.id), { recursive: true, force: true, maxRetries: 5 });
    }
    const fence = task.lease?.fence;
    if (fence === undefined) continue;
    const landing = attempt?.landing ?? null;
    const landed = landing !== null && (await hasLanded(store.paths.root, landing, environment));
    await store.tasks.settle(
      { task: task.id, fence },
      landed ? { kind: 'done' } : { kind: 'release' },
      landed && landing ? { landed: landing.new } : {},
      recordSettle(
        'system',
        { recovered: true, ...(landing ? { landing: { ...landing } } : {}) },
        landed ? landedEntry(task.id, landing) : [],
      ),
    );
  }
}

/** Removes the worktrees of tasks that are done, which an executor that died after its landing has left. */
export async function collectWorktrees(store: ProjectStore, environment: NodeJS.ProcessEnv): Promise<void> {
  const { worktrees } = store.paths;
  if (!existsSync(worktrees)) return;
  for (const id of readdirSync(worktrees)) {
    if ((await store.tasks.get(id))?.status === 'done') {
      await collectWorktree(worktreeEnv(store, environment), id);
    }
  }
}

/**
 * Removes the scratch folders of attempts that are closed, which an executor that died between its settlement and its cleaning
 * up has left. Looks at the folders first: one that is there then belongs to an attempt that had started.
 */
export async function collectScratch(store: ProjectStore): Promise<void> {
  const { scratch } = store.paths;
  const folders = existsSync(scratch) ? readdirSync(scratch) : [];
  if (folders.length === 0) return;
  const held = new Set((await store.tasks.held()).map(({ attempt }) => attempt?.id));
  const left = folders.filter((name) => !held.has(name));
  await Promise.all(left.map((name) => rm(join(scratch, name), { recursive: true, force: true, maxRetries: 5 })));
}

function landedEntry(task: string, landing: LandingIntent): JournalEntry[] {
  const data = { ref: landing.ref, commit: landing.new, recovered: true };
  return [{ kind: 'landing.landed', actor: 'system', subject: `task/${task}`, data }];
}

async function hasLanded(
  root: string,
  landing: { ref: string; new: string },
  environment: NodeJS.ProcessEnv,
): Promise<boolean> {
  return isAncestor(createGit(root, environment), landing.new, landing.ref);
}
