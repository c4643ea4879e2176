import { execa } from 'execa';
import { RuntimeError } from '../errors.js';

export interface GitResult {
  exitCode: number;
  stdout: string;
  stderr: string;
}

/** Runs git in one folder. Both give standard output without its last newline. */
export interface Git {
  readonly folder: string;
  /** Throws `GIT_FAILED` for any exit but 0. */
  run(args: readonly string[], options?: GitOptions): Promise<string>;
  /** Standard output as it is, for content that need not be UTF-8. Throws as `run` does. */
  bytes(args: readonly string[]): Promise<Uint8Array>;
  /** For commands whose exit code is an answer. */
  attempt(args: readonly string[], options?: GitOptions): Promise<GitResult>;
}

export interface GitOptions {
  input?: string;
  environment?: Record<string, string>;
  /** Run as the user would: with the repository's hooks, and free to ask at the terminal. Default: false. */
  asUser?: boolean;
}

// Set by a hook or by an outer git command, they would lead ours to another repository.
const MISLEADING = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_INDEX_FILE',
  'GIT_PREFIX',
  'GIT_OBJECT_DIRECTORY',
  'GIT_COMMON_DIR',
];

// An agent can write to the git folder that all worktrees share: nothing there may make our own git run something.
const NO_PROGRAMS = ['-c', 'core.hooksPath=/dev/null', '-c', 'core.fsmonitor=false'];

/**
 * `environment` is the caller's own: the user's git configuration applies, without the repository's hooks. `fixed` variables
 * hold for every command.
 */
export function createGit(folder: string, environment: NodeJS.ProcessEnv, fixed: Record<string, string> = {}): Git {
  const clean: NodeJS.ProcessEnv = { ...environment };
  for (const name of MISLEADING) delete clean[name];

  const settings = {
    cwd: folder,
    extendEnv: false,
    reject: false,
    // A group of its own: Ctrl-C at the terminal is ours to act on, and must not end git in the middle of what it does.
    detached: true,
    maxBuffer: 256 * 1024 * 1024,
  } as const;
  const environmentOf = (options: GitOptions) => ({
    ...clean,
    ...fixed,
    ...options.environment,
    GIT_TERMINAL_PROMPT: '0',
    GIT_NO_REPLACE_OBJECTS: '1',
    LC_ALL: 'C',
  });

  const attempt = async (args: readonly string[], options: GitOptions = {}): Promise<GitResult> => {
    const result = await execa('git', options.asUser ? args : [...NO_PROGRAMS, ...args], {
      ...settings,
      env: environmentOf(options),
      detached: options.asUser !== true,
      ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
    });
    if (result.exitCode === undefined) throw unavailable(result.shortMessage ?? 'it did not start');
    return { exitCode: result.exitCode, stdout: result.stdout, stderr: result.stderr };
  };

  return {
    folder,
    attempt,
    async run(args, options) {
      const result = await attempt(args, options);
      if (result.exitCode !== 0) throw failed(folder, args, result);
      return result.stdout;
    },
    async bytes(args) {
      const result = await execa('git', [...NO_PROGRAMS, ...args], {
        ...settings,
        env: environmentOf({}),
        stdin: 'ignore',
        encoding: 'buffer',
      });
      if (result.exitCode === 0) return result.stdout;
      throw failed(folder, args, {
        exitCode: result.exitCode ?? -1,
        stdout: '',
        stderr: Buffer.from(result.stderr).toString(),
      });
    },
  };
}

function unavailable(what: string): RuntimeError {
  return new RuntimeError({
    code: 'GIT_UNAVAILABLE',
    message: `git could not be run: ${what}.`,
    hint: 'Install git 2.38 or later and put it on PATH.',
  });
}

function failed(folder: string, args: readonly string[], result: GitResult): RuntimeError {
  const said = (result.stderr || result.stdout).trim().split('\n').slice(-3).join(' ');
  return new RuntimeError({
    code: 'GIT_FAILED',
    message: `\`git ${args.join(' ')}\` failed in ${folder}: ${said || `exit ${result.exitCode}`}.`,
    hint: 'Run it there by hand to see more.',
  });
}
