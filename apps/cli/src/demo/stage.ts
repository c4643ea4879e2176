import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createGit, type Git } from '@signalbox/runtime';
import type { Io } from '../io.js';
import type { RunCli } from '../program.js';
import { type Paint, paintFor } from '../terminal/colour.js';
import { wrapText } from '../terminal/wrap-text.js';

/** Where the demo plays: a scratch folder with a repository, a home of its own, and the real command line. */
export interface Stage {
  readonly folder: string;
  readonly repository: string;
  readonly git: Git;
  readonly paint: Paint;
  /** A heading. */
  scene(title: string): void;
  say(text: string): void;
  write(path: string, text: string): void;
  /** Shows a command, runs it, shows what it prints. Returns its exit code. */
  run(...argv: string[]): Promise<number>;
  /** Runs a command with `--json`, showing only itself. Returns the document. */
  ask<T>(...argv: string[]): Promise<T>;
  /** As `ask`, behind the scenes. */
  look<T>(...argv: string[]): Promise<T>;
  remove(): void;
}

export function createStage(io: Io, runCli: RunCli): Stage {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'signalbox-demo-'));
  const repository = join(folder, 'till');
  for (const name of ['till', 'home', 'tmp']) mkdirSync(join(folder, name));
  const environment = demoEnvironment(io.environment, folder);
  const paint = paintFor(io);
  const inside: Io = { ...io, cwd: repository, environment };
  const show = (argv: readonly string[]): void => {
    io.stdout.write(`${paint.bold(`$ signalbox ${argv.map(quoted).join(' ')}`)}\n`);
  };
  const look = async <T>(argv: readonly string[]): Promise<T> => {
    const printed: string[] = [];
    const complaints: string[] = [];
    const capture = (into: string[]) => ({ write: (text: string) => into.push(text) });
    await runCli([...argv, '--json'], { ...inside, stdout: capture(printed), stderr: capture(complaints) });
    if (printed.length === 0) throw new Error(`the demo's own command failed: ${complaints.join('')}`);
    return JSON.parse(printed.join('')) as T;
  };
  let scenes = 0;

  return {
    folder,
    repository,
    git: createGit(repository, environment),
    paint,
    scene: (title) => {
      scenes += 1;
      io.stdout.write(`\n${paint.bold(`${scenes}. ${title}`)}\n\n`);
    },
    say: (text) => void io.stdout.write(`${wrapText(text, io.columns, text.startsWith(' ') ? 4 : 0)}\n`),
    write: (path, text) => {
      const file = join(folder, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    },
    run: async (...argv) => {
      show(argv);
      // A person reads both streams as one.
      return runCli(argv, { ...inside, stderr: io.stdout });
    },
    ask: async <T>(...argv: string[]) => {
      show(argv);
      return look<T>(argv);
    },
    look: <T>(...argv: string[]) => look<T>(argv),
    remove: () => rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }),
  };
}

/** Nothing of the user's is read or written: git and Signalbox get homes of their own. */
function demoEnvironment(environment: NodeJS.ProcessEnv, folder: string): NodeJS.ProcessEnv {
  const own = Object.fromEntries(Object.entries(environment).filter(([name]) => !/^(GIT_|SIGNALBOX_|XDG_)/.test(name)));
  return {
    ...own,
    HOME: join(folder, 'home'),
    TMPDIR: join(folder, 'tmp'),
    SIGNALBOX_HOME: join(folder, 'home', 'signalbox'),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
  };
}

function quoted(word: string): string {
  return /^[\w./:=@%+,-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
