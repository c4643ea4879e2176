import { spawn } from 'node:child_process';
import type { RunRequest } from '../../../src/contract.js';
import type { RunningProcess } from '../../../src/process/types.js';

/** A child of our own: no group, no marker, no sweep. */
export function startAlone({ config, workspace, environment }: RunRequest): RunningProcess {
  const child = spawn(String(config['program']), {
    cwd: workspace,
    env: environment,
    stdio: ['pipe', 'pipe', 'ignore'],
  });
  const exited = new Promise<Awaited<RunningProcess['exited']>>((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal, stopped: null }));
  });
  const gone = exited.then(() => {});
  return {
    ...{ pid: child.pid ?? 0, startedAt: '', stdin: child.stdin, exited, gone },
    errorTail: () => '',
    async *lines() {
      let rest = '';
      for await (const chunk of child.stdout) {
        const pieces = `${rest}${chunk}`.split('\n');
        rest = pieces.pop() ?? '';
        for (const text of pieces) yield { stream: 'out', text };
        if (rest === '' && child.exitCode !== null) return;
      }
    },
    stop() {
      child.kill('SIGKILL');
      return gone;
    },
  };
}
