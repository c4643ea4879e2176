import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { expect } from '@jest/globals';
import { ATTEMPT_VARIABLE, findMarked, isAlive } from '@signalbox/connectors';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import type { ProjectPaths } from '../../src/project/index.js';

/** What a test may leave on purpose. `worktree`: of a task that is done. */
export type Leftover = 'process' | 'worktree' | 'lease' | 'lock' | 'scratch';

interface Store {
  paths: ProjectPaths;
  db: SqlDatabase;
}

/**
 * After a test, with every executor closed: no process of an attempt, no worktree of a task that is done, no lease of an executor,
 * no lock of a task that nobody holds, no scratch folder. Looks at /proc once and starts nothing, so that each test can afford it.
 */
export function expectNothingLeft({ paths, db }: Store, except: readonly Leftover[] = []): void {
  const attempts = new Set(namesIn(db, 'SELECT id AS name FROM attempt'));
  const held = new Set(namesIn(db, 'SELECT task AS name FROM lease'));
  const done = new Set(namesIn(db, "SELECT id AS name FROM task WHERE status = 'done'"));
  const found: Record<Leftover, string[]> = {
    process: processesOf(attempts),
    worktree: worktreesOf(paths).filter((name) => done.has(name)),
    lease: leasesOf(db),
    lock: namesIn(db, 'SELECT DISTINCT task AS name FROM path_lock').filter((task) => !held.has(task)),
    scratch: entriesOf(paths.scratch),
  };
  const left = Object.entries(found).filter(([what, names]) => names.length > 0 && !except.includes(what as Leftover));
  expect(Object.fromEntries(left)).toEqual({});
}

function namesIn(db: SqlDatabase, sql: string): string[] {
  return db
    .prepare(sql)
    .all()
    .map(({ name }) => String(name));
}

function entriesOf(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return []; // there is none, or something else has its name
  }
}

/** Living processes that carry the marker of one of these attempts, as `pid attempt`. */
function processesOf(attempts: ReadonlySet<string>): string[] {
  if (attempts.size === 0) return [];
  if (!existsSync('/proc/self/environ')) {
    // `ps` takes long: only the newest.
    return [...attempts].slice(-1).flatMap((attempt) => findMarked(attempt).map((pid) => `${pid} ${attempt}`));
  }
  return readdirSync('/proc').flatMap((pid) => {
    const attempt = /^\d+$/.test(pid) ? markerOf(pid) : undefined;
    return attempt !== undefined && attempts.has(attempt) ? [`${pid} ${attempt}`] : [];
  });
}

const MARKER = new RegExp(`(?:^|\0)${ATTEMPT_VARIABLE}=([^\0]*)`);

function markerOf(pid: string): string | undefined {
  try {
    return MARKER.exec(readFileSync(`/proc/${pid}/environ`, 'latin1'))?.[1];
  } catch {
    return undefined; // gone, or another user's
  }
}

/** Names of the tasks whose worktrees are in the cache or in git's notes. */
function worktreesOf({ root, worktrees }: ProjectPaths): string[] {
  const notes = join(root, '.git', 'worktrees');
  const noted = entriesOf(notes).flatMap((name) => {
    const file = join(notes, name, 'gitdir');
    return existsSync(file) ? [dirname(readFileSync(file, 'utf8').trim())] : [];
  });
  const folders = [...entriesOf(worktrees), ...noted.map((folder) => basename(folder))];
  return [...new Set(folders.map((name) => name.replace(/\.check$/, '')))];
}

/** Leases of executors, living or dead. One that a person took by hand has no process, and stays as long as it lasts. */
function leasesOf(db: SqlDatabase): string[] {
  const rows = db.prepare('SELECT task, executor FROM lease WHERE executor IS NOT NULL').all();
  return rows.map(({ task, executor }) => {
    const { pid, startTime } = JSON.parse(String(executor)) as { pid: number; startTime: string };
    return `${task} ${isAlive({ pid, startTime }) ? 'held' : 'orphaned'} by ${pid}`;
  });
}
