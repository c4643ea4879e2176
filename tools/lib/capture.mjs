import { execFile } from 'node:child_process';

/**
 * Runs a program to its end and keeps what it says. Never rejects: a program that cannot be started, or takes longer than
 * `timeoutMs`, has the exit code null.
 *
 * @returns {Promise<{ code: number | null, stdout: string, stderr: string }>}
 */
export function capture(program, args, { cwd, env = {}, timeoutMs = 120_000 }) {
  return new Promise((resolve) => {
    const options = { cwd, env: { ...plainEnvironment(), ...env }, timeout: timeoutMs, maxBuffer: 64 * 1024 * 1024 };
    execFile(program, args, options, (error, stdout, stderr) => {
      const code = error ? (typeof error.code === 'number' ? error.code : null) : 0;
      resolve({ code, stdout, stderr: code === null ? `${error.message}\n${stderr}` : stderr });
    });
  });
}

/**
 * This process's environment without what npm, Jest and a user's settings for Node put there: a child shall behave as from
 * a plain shell. NODE_EXTRA_CA_CERTS goes as well, since on Node 20 it alone adds about 50 ms to every start.
 */
export function plainEnvironment() {
  const names = /^(npm_|NODE_OPTIONS$|NODE_EXTRA_CA_CERTS$|NODE_ENV$|JEST_|NX_|FORCE_COLOR$|SIGNALBOX_)/i;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !names.test(name)));
}
