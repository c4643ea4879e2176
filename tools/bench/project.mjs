import { execFileSync, spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { initProject } from '@signalbox/runtime';
import { findHome } from '@signalbox/runtime/project';
import { plainEnvironment } from '../lib/capture.mjs';
import { timed } from './measure.mjs';

const require = createRequire(import.meta.url);
const binary = join(dirname(require.resolve('signalbox/package.json')), 'bin', 'signalbox.js');

/** Makes a git repository that is a Signalbox project, with a home of its own: nothing of the user's is read or written. */
export async function createProject(folder) {
  const root = join(folder, 'project');
  mkdirSync(root, { recursive: true });
  const environment = {
    ...Object.fromEntries(Object.entries(plainEnvironment()).filter(([name]) => !name.startsWith('GIT_'))),
    SIGNALBOX_HOME: join(folder, 'home'),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
  const git = (...args) => execFileSync('git', args, { cwd: root, env: environment, stdio: 'ignore' });
  git('init', '--quiet', '--initial-branch=main');
  git('config', 'user.name', 'Benchmark');
  git('config', 'user.email', 'benchmark@example.invalid');
  git('commit', '--quiet', '--allow-empty', '--message=Start');
  await initProject({ folder: root, explicit: true, home: findHome(environment), environment });
  return { root, environment };
}

/** Milliseconds from the start of a process to its end, which must be a good one. */
export function timeProcess(program, args, { cwd, env = plainEnvironment() } = {}) {
  return timed(
    () =>
      new Promise((resolve, reject) => {
        const child = spawn(program, args, { cwd, env, stdio: 'ignore' });
        child.once('error', reject);
        child.once('close', (code) =>
          code === 0 ? resolve() : reject(new Error(`${program} ${args.join(' ')} ended with ${code}`)),
        );
      }),
  );
}

/** The arguments for Node that run a `signalbox` command line. */
export function signalbox(...argv) {
  return [binary, ...argv];
}
