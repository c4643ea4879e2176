import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('../..', import.meta.url));

// Without a daemon nothing of a run outlives it; a cached run takes a second longer.
const environment = { ...process.env, NX_DAEMON: 'false', NX_TUI: 'false' };

/** Says a line about what goes on. On standard error, so that standard output is the result alone. */
export function say(text) {
  process.stderr.write(`${text}\n`);
}

/** Runs a program in the repository and gives its exit code; `onOutput` sees what it prints as well. */
export function run(program, args, { onOutput, quiet = false, env = {} } = {}) {
  return new Promise((resolve, reject) => {
    const piped = onOutput || quiet;
    const child = spawn(program, args, {
      cwd: root,
      env: { ...environment, ...env },
      stdio: ['inherit', piped ? 'pipe' : 'inherit', piped ? 'pipe' : 'inherit'],
      shell: process.platform === 'win32',
    });
    const kept = [];
    for (const [stream, out] of piped
      ? [
          [child.stdout, process.stdout],
          [child.stderr, process.stderr],
        ]
      : []) {
      stream.on('data', (chunk) => {
        kept.push(chunk);
        onOutput?.(String(chunk));
        if (!quiet) out.write(chunk);
      });
    }
    child.once('error', reject);
    child.once('close', (code) => {
      if (quiet && code !== 0) process.stderr.write(Buffer.concat(kept));
      resolve(code ?? 1);
    });
  });
}

/** Runs a program that has to succeed, else ends this process with its exit code. */
export async function mustRun(program, args, options) {
  const code = await run(program, args, options);
  if (code !== 0) process.exit(code);
}

export const nx = process.platform === 'win32' ? 'node_modules\\.bin\\nx.cmd' : 'node_modules/.bin/nx';
