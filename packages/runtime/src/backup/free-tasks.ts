import { existsSync } from 'node:fs';
import { openSqlite, type SqlDatabase, transact } from '@signalbox/kernel/sqlite';
import { createGit } from '../git/git.js';
import { isAncestor } from '../landing/integration.js';
import type { ProjectStore } from '../project/open-store.js';
import { recordSettle } from '../tasks/entries.js';

/** More than a task is ever granted between a backup and the loss of what came after it. */
const GRANTS = 1_000;

/**
 * Moves every fence of a restored store beyond all that were granted after the backup: a holder from then must not pass for
 * the next one, and the branch of its attempt must not be written to again. `lost` is the database that is replaced.
 */
export function raiseFences({ db }: Pick<ProjectStore, 'db'>, lost: string): void {
  const granted = readFences(lost);
  const raise = db.prepare('UPDATE task SET fence = ? WHERE id = ? AND fence < ?');
  transact(db, () => {
    for (const row of db.prepare('SELECT id, fence FROM task').all()) {
      const id = String(row['id']);
      // A task that the lost state does not have was made after it, or that state is of another log.
      const fence = granted?.get(id) ?? Number(row['fence']) + GRANTS;
      raise.run(fence, id, fence);
    }
  });
}

/**
 * Ends every lease that was held when the backup was made: its holder works on another state. What had been landed by then is
 * done; everything else is queued again, no attempt spent. Returns the ids of those.
 */
export async function freeHeldTasks(store: ProjectStore, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const freed: string[] = [];
  const git = createGit(store.paths.root, environment);
  for (const { task, attempt } of await store.tasks.held()) {
    const landing = attempt?.landing ?? null;
    const fence = task.lease?.fence ?? 0;
    if (landing && (await isAncestor(git, landing.new, landing.ref))) {
      const data = { ref: landing.ref, commit: landing.new, recovered: true };
      const landed = { kind: 'landing.landed', actor: 'system', subject: `task/${task.id}`, data };
      const record = recordSettle('system', { recovered: true, landing: { ...landing } }, [landed]);
      await store.tasks.settle(
        { task: task.id, fence },
        { kind: 'done' },
        { recovered: true, landed: landing.new },
        record,
      );
      continue;
    }
    await store.tasks.requeue(task.id, ({ task: { id, status }, woken }) => [
      { kind: 'task.requeued', actor: 'system', subject: `task/${id}`, data: { status, by: 'restore' } },
      ...woken.map((each) => ({ kind: 'task.unblocked', actor: 'system', subject: `task/${each.id}`, data: {} })),
    ]);
    freed.push(task.id);
  }
  return freed;
}

/** Undefined if the lost state cannot be read: often that is why a backup is restored. */
function readFences(file: string): Map<string, number> | undefined {
  if (!existsSync(file)) return undefined;
  let db: SqlDatabase | undefined;
  try {
    db = openSqlite(file, { mode: 'read-only' });
    const rows = db.prepare('SELECT id, fence FROM task').all();
    return new Map(rows.map((row) => [String(row['id']), Number(row['fence'])]));
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}
