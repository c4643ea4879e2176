import { join } from 'node:path';
import { sweep } from '@signalbox/connectors';
import type { JournalEntry } from '@signalbox/kernel';
import type { HeldTask, LandingIntent } from '@signalbox/task-core';
import { createGit } from '../git/git.js';
import { isAncestor } from '../landing/integration.js';
import type { ProjectStore } from '../project/open-store.js';
import { recordSettle } from '../tasks/entries.js';
import { removeTree } from '../workspace/remove-tree.js';
import { changedSinceKept } from './kept-fingerprint.js';
import { afterTampering } from './settlements.js';

/**
 * Ends what dead executors left running and gives their tasks back, no attempt spent. A landing that was under way is
 * decided by looking: if the branch holds the new commit the task is done, else nothing happened. Where git's own files have
 * changed since the agent began, a person looks first.
 */
export async function recoverOrphans(
  store: ProjectStore,
  orphans: readonly HeldTask[],
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  for (const { task, attempt } of orphans) {
    const tampered: string[] = [];
    if (attempt) {
      await sweep(attempt.id);
      const scratch = join(store.paths.scratch, attempt.id);
      tampered.push(...changedSinceKept(scratch, store.paths.root));
      // What is left of it goes with the other garbage: it must not keep the task from being given back.
      await removeTree(scratch).catch(() => {});
    }
    const fence = task.lease?.fence;
    if (fence === undefined) continue;
    const landing = attempt?.landing ?? null;
    const landed = landing !== null && (await hasLanded(store.paths.root, landing, environment));
    await store.tasks.settle(
      { task: task.id, fence },
      landed ? { kind: 'done' } : tampered.length > 0 ? afterTampering(tampered) : { kind: 'release' },
      // Nobody can say whether its agent had begun.
      { recovered: true, ...(landed && landing ? { landed: landing.new } : {}) },
      recordSettle(
        'system',
        { recovered: true, ...(landing ? { landing: { ...landing } } : {}) },
        landed ? landedEntry(task.id, landing) : [],
      ),
    );
  }
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
