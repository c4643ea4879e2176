import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readIfPresent } from './read-file.js';

export interface ProjectCommands {
  /** Shell lines that make a fresh checkout ready to work in. */
  setup: string[];
  /** The project's own test and build commands, which agents may run. */
  tests: string[][];
}

/** Lock file → the command that installs exactly what it says. */
const INSTALLERS: readonly (readonly [lockFile: string, install: string])[] = [
  ['package-lock.json', 'npm ci'],
  ['pnpm-lock.yaml', 'pnpm install --frozen-lockfile'],
  ['yarn.lock', 'yarn install --immutable'],
  ['bun.lock', 'bun install --frozen-lockfile'],
  ['uv.lock', 'uv sync --frozen'],
  ['poetry.lock', 'poetry install'],
  ['Gemfile.lock', 'bundle install'],
];

/** Scripts of a package.json that check or build and change nothing else. */
const SCRIPTS = ['test', 'build', 'lint', 'typecheck', 'check'];

/** Guesses from the files in the root how this project is set up and tested. */
export function findProjectCommands(root: string): ProjectCommands {
  const has = (file: string): boolean => existsSync(join(root, file));
  const setup = INSTALLERS.filter(([lockFile]) => has(lockFile)).map(([, install]) => install);
  const tests = packageScripts(root);
  if (has('go.mod')) tests.push(['go', 'test'], ['go', 'build'], ['go', 'vet']);
  if (has('Cargo.toml')) tests.push(['cargo', 'test'], ['cargo', 'build'], ['cargo', 'check']);
  if (has('pyproject.toml') || has('pytest.ini')) tests.push(['pytest']);
  return { setup, tests };
}

function packageScripts(root: string): string[][] {
  const text = readIfPresent(join(root, 'package.json'));
  if (text === null) return [];
  const scripts = scriptsOf(text);
  const runs = SCRIPTS.filter((name) => name in scripts).map((name) => ['npm', 'run', name]);
  return 'test' in scripts ? [['npm', 'test'], ['node', '--test'], ...runs] : [['node', '--test'], ...runs];
}

function scriptsOf(text: string): object {
  try {
    const parsed: unknown = JSON.parse(text);
    const scripts = typeof parsed === 'object' && parsed !== null && 'scripts' in parsed ? parsed.scripts : null;
    return typeof scripts === 'object' && scripts !== null ? scripts : {};
  } catch {
    return {};
  }
}
