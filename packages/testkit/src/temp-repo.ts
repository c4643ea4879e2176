import { execFileSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createTempDir, type TempDir } from './temp-dir.js';

export interface TempRepo extends TempDir {
  /** Runs git in the repository and gives its standard output without the trailing newline. Throws when git fails. */
  git(...args: string[]): string;
  /** Writes a file, making its folders. `path` is relative to the repository. */
  write(path: string, text: string): void;
}

export interface TempRepoOptions {
  /** Path in the repository to text. */
  files?: Readonly<Record<string, string>>;
  /** Whether `files` are committed (an empty commit when there are none). Default: true. */
  commit?: boolean;
}

/** The environment in which git sees no configuration but the repository's own, and asks nothing. */
export function isolatedGitEnvironment(base: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) {
    if (value !== undefined && !name.startsWith('GIT_')) environment[name] = value;
  }
  return { ...environment, GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1', GIT_TERMINAL_PROMPT: '0' };
}

// One shell for all of it: a process of Jest has hundreds of megabytes, and to fork it takes ten times as long as git itself.
// Git from 2.47 on maintains a repository in the background, after the command has ended and the test with it.
const INIT = `git init --quiet --initial-branch=main
cat >> .git/config << 'END'
[user]
\tname = Test User
\temail = test@example.invalid
[commit]
\tgpgsign = false
[gc]
\tauto = 0
[maintenance]
\tauto = false
END
`;
const COMMIT = `git add --all
git commit --quiet --allow-empty --message Start
`;

/** Makes a real git repository on branch `main` in a temporary folder, independent of the user's git configuration. */
export function createTempRepo(options: TempRepoOptions = {}): TempRepo {
  const dir = createTempDir('signalbox-repo-');
  const environment = isolatedGitEnvironment();
  const git = (...args: string[]): string =>
    execFileSync('git', args, { cwd: dir.path, env: environment, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
      // git ends its output with one newline; anything before it is content
      .replace(/\n$/, '');
  const write = (path: string, text: string): void => {
    const file = join(dir.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };

  for (const [path, text] of Object.entries(options.files ?? {})) write(path, text);
  execFileSync('sh', ['-ec', options.commit === false ? INIT : INIT + COMMIT], {
    ...{ cwd: dir.path, env: environment, stdio: ['ignore', 'pipe', 'pipe'] },
  });
  return { ...dir, git, write };
}
