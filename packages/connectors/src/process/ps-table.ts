import { spawnSync } from 'node:child_process';
import type { ProcessTable } from './process-table.js';

const MAX_BYTES = 64 * 1024 * 1024;

function ps(args: readonly string[]): string {
  const result = spawnSync('ps', args, {
    encoding: 'utf8',
    maxBuffer: MAX_BYTES,
    env: { PATH: '/usr/bin:/bin:/usr/sbin:/sbin', LC_ALL: 'C' },
  });
  return result.stdout ?? '';
}

// Command lines with the environment behind them: BSD and macOS spell it -E, procps only the old way, without a dash.
const withEnvironment = process.platform === 'darwin' ? ['-E', '-ww'] : ['eww'];
const everyProcess = process.platform === 'darwin' ? ['-A', '-E', '-ww'] : ['axeww'];

/**
 * Processes by `ps`, for systems without /proc. `ps` joins arguments and environment by blanks, so a process that has
 * `NAME=value` among its arguments counts as carrying it.
 */
export function createPsTable(): ProcessTable {
  return {
    stat(pid) {
      const match = /^\s*(\d+)\s+(\S+)\s+(\S.*?)\s*$/m.exec(ps(['-o', 'ppid=,stat=,lstart=', '-p', String(pid)]));
      if (!match) return null;
      const [, parent = '', state = '', startTime = ''] = match;
      return { parent: Number(parent), startTime, dead: state.startsWith('Z') };
    },
    variable(pid, name) {
      const line = ps([...withEnvironment, '-o', 'command=', '-p', String(pid)]);
      const word = line.split(/\s+/).find((item) => item.startsWith(`${name}=`));
      return word === undefined ? null : word.slice(name.length + 1);
    },
    withVariable(name, value) {
      const pids: number[] = [];
      for (const line of ps([...everyProcess, '-o', 'pid=,command=']).split('\n')) {
        const words = line.trim().split(/\s+/);
        if (words.includes(`${name}=${value}`)) pids.push(Number(words[0]));
      }
      return { pids, complete: false };
    },
  };
}
