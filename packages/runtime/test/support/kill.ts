import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { INTEGRATION_REF } from '../../src/landing/integration.js';
import type { Task } from '../../src/project/index.js';
import type { Project } from './bench.js';

// This runs the built package, as a user's process would.
const EXECUTOR = fileURLToPath(new URL('../fixtures/executor.mjs', import.meta.url));

/** Executes a task in a process of its own and kills that at the first step that `isTime` accepts; resolves when it is dead. */
export async function killExecutor(project: Project, task: Task, isTime: (step: string) => boolean): Promise<void> {
  const child: ChildProcess = spawn(process.execPath, [EXECUTOR, project.root, task.id], {
    env: project.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const ended = once(child, 'exit');
  let errors = '';
  child.stderr?.on('data', (data) => {
    errors += String(data);
  });
  if (child.stdout) {
    for await (const line of createInterface({ input: child.stdout })) {
      const { step } = JSON.parse(line) as { step: string };
      if (isTime(step)) child.kill('SIGKILL');
    }
  }
  const [, signal] = await ended;
  if (signal !== 'SIGKILL') throw new Error(`The executor was not killed: ${errors}`);
}

/**
 * Puts a `git` first on the PATH of the project's processes. It hands everything to the real one, but kills, once, the process
 * that started it when that moves the integration branch: instead of moving it, or right after.
 */
export function killAtMove(project: Project, when: 'instead' | 'after'): void {
  const git = execFileSync('sh', ['-c', 'command -v git'], { encoding: 'utf8' }).trim();
  const folder = join(project.place, 'git-shim');
  const step = when === 'after' ? `${git} "$@"; kill -9 $PPID` : 'kill -9 $PPID; exit 1';
  mkdirSync(folder);
  writeFileSync(
    join(folder, 'git'),
    `#!/bin/sh
case " $* " in *" update-ref "*" ${INTEGRATION_REF} "*) ;; *) exec ${git} "$@" ;; esac
for old; do :; done
case "$old" in *[1-9a-f]*) ;; *) exec ${git} "$@" ;; esac
test -e "${folder}/killed" && exec ${git} "$@"
touch "${folder}/killed"
${step}
`,
  );
  chmodSync(join(folder, 'git'), 0o755);
  project.environment['PATH'] = `${folder}:${project.environment['PATH']}`;
}

/** Executes a task in a process of its own, to its end. */
export async function executeElsewhere(project: Project, task: Task): Promise<string> {
  const child = spawn(process.execPath, [EXECUTOR, project.root, task.id], {
    env: project.environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (data) => {
      said += String(data);
    });
  }
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`The executor failed: ${said}`);
  return said;
}
