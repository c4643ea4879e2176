import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
import { openSqlite } from '@signalbox/kernel/sqlite';
import type { Task } from '@signalbox/runtime/project';
import { nothingLeft, runBinary, type Started, startBinary } from './binary.js';
import { checkoutOfProject } from './checkout.js';
import { type Project, withProject } from './project.js';

/** A project with one task whose set-up, agent and check each leave time to be killed in. */
export interface KillBench {
  project: Project;
  task: Task;
  start(): Started;
  /** Lets a program end that waits for this: `agent` or `check`. */
  release(name: string): void;
}

const WAITS = `
import { existsSync } from 'node:fs';
export const released = (name) => new Promise((resolve) => {
  const look = () => existsSync(process.env.HOME + '/' + name + '-may-end') ? resolve() : setTimeout(look, 10);
  look();
});
`;

/** Starts a process that leaves its group and its session behind, edits, and waits. */
const AGENT = `
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { released } from './waits.mjs';
spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { detached: true, stdio: 'ignore' }).unref();
writeFileSync('src/work.txt', 'the work\\n');
console.log('edited');
await released('agent');
process.exit(0);
`;

const CHECK = `
import { readFileSync } from 'node:fs';
import { released } from './waits.mjs';
await released('check');
process.exit(readFileSync('src/work.txt', 'utf8') === 'the work\\n' ? 0 : 1);
`;

export async function withKillBench(test: (bench: KillBench) => Promise<void>): Promise<void> {
  await withProject({}, async (project) => {
    const { place } = project;
    project.write(join(place, 'waits.mjs'), WAITS);
    project.write(join(place, 'agent.mjs'), AGENT);
    project.write(join(place, 'check.mjs'), CHECK);
    const config = join(project.root, '.ai/config.yaml');
    writeFileSync(config, readFileSync(config, 'utf8').replace('setup: []', 'setup: ["sleep 0.05"]'));
    await project.ask('trust', '--yes');
    const argv = JSON.stringify([process.execPath, join(place, 'agent.mjs')]);
    await project.ask('ai', 'register', 'worker', '--connector', 'command', '--config', `argv=${argv}`);
    const task = await project.add('Do the work', '--check', `node ${join(place, 'check.mjs')}`);
    // What the user has at hand and must find again: a change, a staged one, a new file.
    project.write('src/a.txt', 'half an idea\n');
    project.write('src/staged.txt', 'staged\n');
    project.git('add', 'src/staged.txt');
    project.write('notes.txt', 'notes\n');
    await test({
      project,
      task,
      start: () => startBinary(project, ['task', 'execute', task.id, '--verbose']),
      release: (name) => writeFileSync(join(place, `${name}-may-end`), ''),
    });
  });
}

/** After a kill: nothing runs, the ledger is whole, and one more execution ends with the task done and landed once. */
export async function expectRecovery(bench: KillBench, checkout: unknown): Promise<void> {
  const { project, task } = bench;
  await nothingLeft(project);
  expect(await runBinary(project, ['audit', 'verify', '--json'])).toMatchObject({ exitCode: 0, stderr: '' });
  await expectEntryForEachChange(project);
  const listed = await runBinary(project, ['task', 'list', '--json']);
  expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
  expect(JSON.parse(listed.stdout).tasks).toHaveLength(1);

  bench.release('agent');
  bench.release('check');
  const again = await runBinary(project, ['task', 'execute', task.id, '--json']);
  // A landing that had happened is found and the task is done: then there is nothing to execute.
  if (again.exitCode !== 0) expect(again.stderr).toContain('"FINISHED"');
  expect((await project.ask<Task>('task', 'show', task.id)).status).toBe('done');
  await nothingLeft(project);
  expectOneLanding(bench);
  expect(checkoutOfProject(project)).toEqual(checkout);
  expect((await project.ask<{ ok: boolean }>('audit', 'verify')).ok).toBe(true);
  await expectEntryForEachChange(project);
}

interface Entry {
  kind: string;
  data: { attempt?: string; status?: string };
}

/** The status that the last entries of these kinds leave a task in. */
const STATUS_AFTER: Readonly<Record<string, string>> = {
  'task.claimed': 'claimed',
  'task.started': 'running',
  'task.completed': 'done',
  'task.failed': 'failed',
  'task.blocked': 'blocked',
  'task.requeued': 'queued',
};

/** What the tables hold and what the ledger says are the same, whichever of the two one begins with. */
async function expectEntryForEachChange(project: Project): Promise<void> {
  const db = openSqlite(join(project.root, '.ai/state/signalbox.db'), { mode: 'read-only' });
  const tasks = db.prepare('SELECT id, status FROM task').all();
  const attempts = db.prepare('SELECT id, outcome FROM attempt').all();
  db.close();
  const { entries } = await project.ask<{ entries: Entry[] }>('audit', 'log', '--limit', '0');
  expect(entries.filter(({ kind }) => kind === 'task.created')).toHaveLength(tasks.length);
  for (const { id, status } of tasks) {
    const about = await project.ask<{ entries: Entry[] }>('audit', 'log', '--task', String(id), '--limit', '0');
    const last = about.entries.filter(({ kind }) => kind === 'task.created' || kind in STATUS_AFTER).at(-1);
    expect([id, last?.data.status ?? STATUS_AFTER[last?.kind ?? '']]).toEqual([id, status]);
  }
  const named = (kinds: RegExp) => entries.filter(({ kind }) => kinds.test(kind)).map(({ data }) => data.attempt);
  expect(named(/^task\.started$/).sort()).toEqual(attempts.map(({ id }) => String(id)).sort());
  const ended = attempts.filter(({ outcome }) => outcome !== null).map(({ id }) => String(id));
  expect([...new Set(named(/^task\.(completed|failed|blocked|requeued)$/))].filter(Boolean).sort()).toEqual(
    ended.sort(),
  );
}

function expectOneLanding({ project, task }: KillBench): void {
  const trailer = `--grep=Signalbox-Task: ${task.id}`;
  expect(project.git('rev-list', '--count', trailer, 'main..signalbox/integration')).toBe('1');
  expect(project.git('show', 'signalbox/integration:src/work.txt')).toBe('the work');
  expect(project.git('diff', '--name-only', 'main', 'signalbox/integration')).toBe('src/work.txt');
  expect(worktreesOf(project)).toEqual([]);
  expect(project.git('fsck', '--strict', '--no-dangling', '--no-progress')).toBe('');
}

function worktreesOf(project: Project): string[] {
  const listed = project.git('worktree', 'list', '--porcelain').matchAll(/^worktree (.+)$/gm);
  return [...listed].map((match) => match[1] ?? '').filter((folder) => folder !== project.root);
}
