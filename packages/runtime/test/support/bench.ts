import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from '@jest/globals';
import { type Clock, isSignalboxError, type JsonObject, systemClock } from '@signalbox/kernel';
import { createTempDir, createTempRepo, fixture } from '@signalbox/testkit';
import {
  acceptIntegration,
  createSignalbox,
  createTask,
  type ExecuteRequest,
  type Execution,
  executeTask,
  grantTrust,
  initProject,
  type Progress,
  previewTrust,
  registerAI,
  replayAll,
  type Signalbox,
  type TaskSpecInput,
} from '../../src/index.js';
import {
  findHome,
  openStore,
  type ProjectPaths,
  type ProjectStore,
  projectPaths,
  type Task,
} from '../../src/project/index.js';
import { expectNothingLeft, type Leftover } from './nothing-left.js';

export const USER = { kind: 'user', id: 'ana' } as const;

export interface Project {
  root: string;
  /** Outside of the project: for scripts and for what an agent leaves for the test to see. */
  place: string;
  environment: NodeJS.ProcessEnv;
  git(...args: string[]): string;
  read(path: string): string;
  write(path: string, text: string): void;
  /** Commits one file on a branch that nobody has checked out. */
  commitOn(branch: string, path: string, text: string): string;
  /** Agrees to the project's files as they are. */
  trust(): void;
  /** Opens the project; closed after the test. */
  open(options?: { clock?: Clock; environment?: NodeJS.ProcessEnv }): Promise<Signalbox>;
}

export interface ProjectOptions {
  files?: Record<string, string>;
  git?: boolean;
  commit?: boolean;
  init?: boolean;
  /** How long an agent's call waits for a person. Default: not at all. */
  approvalWait?: string;
  /** What the test leaves behind on purpose. */
  leaves?: readonly Leftover[];
}

/** A project in a temporary folder, initialised as a user would, with a Signalbox home of its own. */
export async function withProject(options: ProjectOptions, test: (project: Project) => Promise<void>): Promise<void> {
  const {
    git: hasGit = true,
    init = true,
    commit = true,
    files = { 'README.md': '# x\n', 'src/a.txt': 'a\n' },
  } = options;
  const place = createTempDir();
  const repo = hasGit ? createTempRepo({ files, commit }) : createTempDir();
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(repo.path, path)), { recursive: true });
    writeFileSync(join(repo.path, path), text);
  };
  if (!hasGit) for (const [path, text] of Object.entries(files)) write(path, text);
  const environment = environmentIn(place.path);
  const run = (args: string[], more: { input?: string; env?: Record<string, string> } = {}): string =>
    execFileSync('git', args, {
      cwd: repo.path,
      env: { ...environment, ...more.env },
      encoding: 'utf8',
      ...(more.input === undefined ? { stdio: ['ignore', 'pipe', 'pipe'] } : { input: more.input }),
    }).trimEnd();
  const opened: Signalbox[] = [];
  const project: Project = {
    root: repo.path,
    place: place.path,
    environment,
    write,
    git: (...args) => run(args),
    read: (path) => readFileSync(join(repo.path, path), 'utf8'),
    commitOn(branch, path, text) {
      const env = { GIT_INDEX_FILE: join(place.path, 'other.index') };
      const blob = run(['hash-object', '-w', '--stdin'], { input: text });
      run(['read-tree', branch], { env });
      run(['update-index', '--add', '--cacheinfo', `100644,${blob},${path}`], { env });
      const commit = run(['commit-tree', run(['write-tree'], { env }), '-p', branch, '-m', `Change ${path}`]);
      run(['update-ref', `refs/heads/${branch}`, commit]);
      return commit;
    },
    trust() {
      const paths = projectPaths(repo.path, findHome(environment));
      grantTrust(paths, previewTrust(paths));
    },
    async open(how = {}) {
      const box = await createSignalbox({ root: repo.path, environment, ...how });
      opened.push(box);
      return box;
    },
  };
  try {
    // The smallest value of all layers counts.
    const home = join(place.path, 'signalbox');
    const wait = options.approvalWait ?? '0s';
    mkdirSync(home, { recursive: true });
    writeFileSync(
      join(home, 'policy.yaml'),
      `version: 1\nscope: global\nsettings: { approval_wait: { value: ${wait}, cap: min } }\n`,
    );
    if (init) {
      await initProject({ folder: repo.path, explicit: true, home: findHome(environment), environment });
    }
    await test(project);
    for (const box of opened) await box.close();
    if (init) expectInOrder(projectPaths(repo.path, findHome(environment)), options.leaves);
  } finally {
    for (const box of opened) await box.close();
    repo.remove();
    place.remove();
  }
}

/** Every decision that a test has recorded can be taken again, byte for byte, and no execution has left anything. */
function expectInOrder(paths: ProjectPaths, leaves: readonly Leftover[] | undefined): void {
  if (!existsSync(paths.database)) return;
  let store: ProjectStore;
  try {
    store = openStore(paths, systemClock);
  } catch {
    return; // a test may leave a state that nobody can open
  }
  try {
    expectNothingLeft(store, leaves);
    expect(replayAll(store).failed).toEqual([]);
  } catch (error) {
    if (!isSignalboxError(error)) throw error;
  } finally {
    store.close();
  }
}

/** An environment of its own: no user's configuration, no user's home. */
export function environmentIn(place: string): NodeJS.ProcessEnv {
  return {
    PATH: process.env['PATH'],
    HOME: place,
    SIGNALBOX_HOME: join(place, 'signalbox'),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
}

/** Registers an AI of the connector `command` that runs a shell line with the prompt on its input. */
export async function shellAI(box: Signalbox, shell: string, id = 'sh'): Promise<void> {
  await registerAI(box.executor, USER, { id, connector: 'command', config: { shell } });
}

export interface ScriptedTurn {
  text?: string;
  tools?: { name: string; input: JsonObject }[];
  fault?: string;
}

/** Registers the stand-in for claude, which asks before each tool call. Paths in its script may use `{{cwd}}`. */
export async function scriptedClaude(
  project: Project,
  box: Signalbox,
  turns: ScriptedTurn[],
  id = 'claude',
  result: JsonObject = {},
): Promise<void> {
  const file = join(project.place, `${id}.json`);
  writeFileSync(file, JSON.stringify({ turns, result }));
  project.environment['ANTHROPIC_API_KEY'] = 'none';
  project.environment['FAKE_CLAUDE_SCRIPT'] = file;
  const config = { program: fixture('scripted-claude.mjs'), env: ['FAKE_CLAUDE_SCRIPT'] };
  await registerAI(box.executor, USER, { id, connector: 'claude-code', config });
}

export async function add(
  box: Signalbox,
  spec: Partial<TaskSpecInput> = {},
  actor = USER as Signalbox['actor'],
): Promise<Task> {
  return createTask(box.tasks, box.door, actor, { title: 'Do it', ...spec });
}

/** Executes one attempt. `on` is called at each step, while the attempt stands still. */
export async function execute(
  box: Signalbox,
  task: Task | string,
  more: Partial<ExecuteRequest> & { on?: (progress: Progress) => void } = {},
): Promise<Execution & { steps: Progress[] }> {
  const steps: Progress[] = [];
  const { on, ...request } = more;
  const execution = await executeTask(box.executor, {
    actor: USER,
    task: typeof task === 'string' ? task : task.id,
    progress: (progress) => {
      steps.push(progress);
      on?.(progress);
    },
    ...request,
  });
  return { ...execution, steps };
}

export function kinds(box: Signalbox, subject?: string): string[] {
  return box.ledger.read(subject === undefined ? {} : { subject }).map((entry) => entry.kind);
}

export function worktreeOf(box: Signalbox, task: Task): string {
  return join(box.store.paths.worktrees, task.id);
}

/** Another person's work on the integration branch, which a person has agreed to. */
export function landForeign(project: Project, box: Signalbox, path: string, text: string): string {
  const commit = project.commitOn('signalbox/integration', path, text);
  acceptIntegration({ door: box.door, actor: USER }, commit);
  return commit;
}

export const exists = existsSync;
