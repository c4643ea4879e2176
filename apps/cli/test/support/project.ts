import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { expect } from '@jest/globals';
import type { Task } from '@signalbox/runtime/project';
import { createTempDir, createTempRepo, type TempRepo } from '@signalbox/testkit';
import { runCli } from '../../src/cli.js';
import type { Io } from '../../src/io.js';

/** What one command line printed, and how it ended. */
export interface Ran {
  exitCode: number;
  stdout: string;
  stderr: string;
}

export interface Project {
  /** The repository, which is the working directory of every command. */
  root: string;
  /** A folder beside it: the home of git and Signalbox, and a place for programs. */
  place: string;
  environment: NodeJS.ProcessEnv;
  git(...args: string[]): string;
  /** Writes a file, making its folders. Relative to the root, or absolute. */
  write(path: string, text: string): void;
  /** Runs a command line in this process. */
  run(argv: readonly string[], more?: Partial<Io>): Promise<Ran>;
  /** Runs it with `--json` and gives the one document on standard output. Throws what it complained of if there is none. */
  ask<T>(...argv: string[]): Promise<T>;
  /** Creates a task. */
  add(title: string, ...options: string[]): Promise<Task>;
}

export interface ProjectOptions {
  files?: Record<string, string>;
  /** Whether it lies in a git repository with one commit. Default: true. */
  git?: boolean;
  /** Whether `signalbox init` has run. Default: true. */
  init?: boolean;
}

const FILES = { 'README.md': '# x\n', 'src/a.txt': 'a\n' };

/** A project of its own for one test, removed afterwards. */
export async function withProject(options: ProjectOptions, test: (project: Project) => Promise<void>): Promise<void> {
  const { files = FILES, git: hasGit = true, init = true } = options;
  const home = createTempDir('signalbox-cli-');
  const repo = hasGit ? createTempRepo({ files }) : createTempDir();
  const environment = environmentIn(home.path);
  const write = (path: string, text: string): void => {
    const file = path.startsWith('/') ? path : join(repo.path, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  if (!hasGit) for (const [path, text] of Object.entries(files)) write(path, text);
  const run: Project['run'] = (argv, more = {}) => runIn({ cwd: repo.path, environment, ...more }, argv);
  const ask = async <T>(...argv: string[]): Promise<T> => {
    const { stdout, stderr } = await run([...argv, '--json']);
    if (stdout === '') throw new Error(`signalbox ${argv.join(' ')} printed nothing: ${stderr}`);
    return JSON.parse(stdout) as T;
  };
  const git = (...args: string[]): string => {
    if (!('git' in repo)) throw new Error('this project lies outside of git');
    return (repo as TempRepo).git(...args);
  };
  const add = (title: string, ...rest: string[]): Promise<Task> => ask('task', 'create', title, ...rest);
  try {
    if (init) await ask('init');
    await test({ root: repo.path, place: home.path, environment, git, write, run, ask, add });
    await expectReplays(run);
  } finally {
    repo.remove();
    home.remove();
  }
}

/** Every decision that a test has recorded can be taken again, byte for byte, unless the test leaves no state to be read. */
async function expectReplays(run: Project['run']): Promise<void> {
  const { stdout } = await run(['policy', 'replay', '--all', '--json']);
  if (stdout !== '') expect(JSON.parse(stdout).failed).toEqual([]);
}

/** Runs a command line in this process, in a world of its own. */
export async function runIn(world: Partial<Io>, argv: readonly string[]): Promise<Ran> {
  const out: string[] = [];
  const err: string[] = [];
  const exitCode = await runCli(argv, {
    stdout: { write: (text) => out.push(text) },
    stderr: { write: (text) => err.push(text) },
    stdin: Readable.from([]),
    cwd: '/',
    environment: {},
    isTerminal: false,
    columns: 80,
    signal: new AbortController().signal,
    ...world,
  });
  return { exitCode, stdout: out.join(''), stderr: err.join('') };
}

/** An environment of its own: nothing of the user's configuration, and a home in which every process of a test can be found. */
export function environmentIn(home: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: home,
    SIGNALBOX_HOME: join(home, 'signalbox'),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
}

/** Registers an AI that runs a shell line with the prompt on its input. */
export async function shellAI(project: Project, shell: string, id = 'sh'): Promise<void> {
  await project.ask('ai', 'register', id, '--connector', 'command', '--config', `shell=${shell}`);
}
