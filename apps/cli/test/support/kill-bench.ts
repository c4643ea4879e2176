import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from '@jest/globals';
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
