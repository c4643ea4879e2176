import { spawn } from 'node:child_process';
import { RuntimeError } from '../errors.js';

export interface GitOutput {
  exitCode: number;
  stdout: Buffer;
  stderr: Buffer;
}

export interface GitCall {
  cwd: string;
  env: NodeJS.ProcessEnv;
  detached: boolean;
  input?: string;
}

/**
 * Starts git and gathers what it says. By Node itself: an attempt starts git ten times and more, and a library for processes
 * adds a millisecond or more to each (docs/dependencies.md). Throws `GIT_UNAVAILABLE` if it does not start.
 */
export function runGit(args: readonly string[], { input, ...options }: GitCall): Promise<GitOutput> {
  return new Promise((resolve, reject) => {
    const child = spawn('git', args, { ...options, stdio: [input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe'] });
    const stdout: Buffer[] = [];
    const stderr: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => stdout.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => stderr.push(chunk));
    child.once('error', (error) => reject(unavailable(error.message)));
    child.once('close', (code, signal) => {
      // As a shell counts an end by a signal; the caller only asks whether it is 0.
      const exitCode = code ?? (signal ? 128 : 1);
      resolve({ exitCode, stdout: Buffer.concat(stdout), stderr: Buffer.concat(stderr) });
    });
    // A git that ends before it has read its input says so by its exit code.
    child.stdin?.on('error', () => {});
    child.stdin?.end(input);
  });
}

function unavailable(what: string): RuntimeError {
  return new RuntimeError({
    code: 'GIT_UNAVAILABLE',
    message: `git could not be run: ${what}.`,
    hint: 'Install git 2.38 or later and put it on PATH.',
  });
}
