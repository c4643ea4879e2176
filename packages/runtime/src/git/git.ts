import { RuntimeError } from '../errors.js';
import { pathWithout } from './program-path.js';
import { type GitOutput, runGit } from './run-git.js';

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
  /** For commands whose exit code is an answer. */
  attempt(args: readonly string[], options?: GitOptions): Promise<GitResult>;
  /** The same, with variables that hold for every command. */
  fixedTo(variables: Record<string, string>): Git;
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

// Nothing of ours fetches. What an object that is absent is fetched by is named in a repository's configuration, and can be any
// program (gitremote-helpers(7), `ext::`). The second is known from git 2.44 on; the first holds in all.
const NO_TRANSPORT = { GIT_ALLOW_PROTOCOL: '', GIT_NO_LAZY_FETCH: '1' };

/**
 * `environment` is the caller's own: the user's git configuration applies, without the repository's hooks. `fixed` variables
 * hold for every command.
 */
export function createGit(folder: string, environment: NodeJS.ProcessEnv, fixed: Record<string, string> = {}): Git {
  const clean: NodeJS.ProcessEnv = { ...environment };
  for (const name of MISLEADING) delete clean[name];

  const path = clean['PATH'] ? { PATH: pathWithout(clean['PATH'], folder) || undefined } : {};

  const start = (args: readonly string[], options: GitOptions): Promise<GitOutput> => {
    const ours = options.asUser ? {} : { ...NO_TRANSPORT, ...path };
    const variables = { ...clean, ...ours, ...fixed, ...options.environment };
    return runGit(options.asUser ? args : [...NO_PROGRAMS, ...args], {
      cwd: folder,
      env: { ...variables, GIT_TERMINAL_PROMPT: '0', GIT_NO_REPLACE_OBJECTS: '1', LC_ALL: 'C' },
      // A group of its own: Ctrl-C at the terminal is ours to act on, and must not end git in the middle of what it does.
      detached: options.asUser !== true,
      ...(options.input === undefined ? {} : { input: options.input }),
    });
  };
  const attempt = async (args: readonly string[], options: GitOptions = {}): Promise<GitResult> => {
    const { exitCode, stdout, stderr } = await start(args, options);
    const text = (bytes: Buffer): string => bytes.toString('utf8').replace(/\r?\n$/, '');
    return { exitCode, stdout: text(stdout), stderr: text(stderr) };
  };

  return {
    folder,
    attempt,
    async run(args, options) {
      const result = await attempt(args, options);
      if (result.exitCode !== 0) throw failed(folder, args, result);
      return result.stdout;
    },
    fixedTo: (variables) => createGit(folder, environment, { ...fixed, ...variables }),
  };
}

function failed(folder: string, args: readonly string[], result: GitResult): RuntimeError {
  const said = (result.stderr || result.stdout).trim().split('\n').slice(-3).join(' ');
  return new RuntimeError({
    code: 'GIT_FAILED',
    message: `\`git ${args.join(' ')}\` failed in ${folder}: ${said || `exit ${result.exitCode}`}.`,
    hint: 'Run it there by hand to see more.',
  });
}
