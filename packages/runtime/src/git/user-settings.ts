import { accessSync, constants, existsSync, readFileSync, statSync } from 'node:fs';
import { delimiter, isAbsolute, join, resolve } from 'node:path';
import { gitDirOf } from './common-dir.js';
import type { Git } from './git.js';

/** A setting of git: its full name and its value. */
export type GitSetting = readonly [name: string, value: string];

/** What of a user's configuration decides how files become objects: a folder must be read as git wrote it. */
const CONVERSIONS = [
  'core.autocrlf',
  'core.eol',
  'core.filemode',
  'core.symlinks',
  'core.ignorecase',
  'core.precomposeunicode',
  'core.attributesfile',
  'core.excludesfile',
  'core.bigfilethreshold',
  'core.sparsecheckout',
  'core.sparsecheckoutcone',
  'lfs.storage',
];

const WANTED = `^(${CONVERSIONS.map((name) => name.replaceAll('.', '\\.')).join('|')}|filter\\..*)$`;

/**
 * The settings of the user, of this repository and of all, that decide how files become objects and back. A filter whose program
 * is not installed is switched off: what it would have converted stays as it is in the objects, before and after.
 */
export async function conversionSettings(main: Git, environment: NodeJS.ProcessEnv): Promise<GitSetting[]> {
  const { exitCode, stdout } = await main.attempt(['config', '--null', '--get-regexp', WANTED]);
  if (exitCode !== 0) return [];
  const settings = stdout.split('\0').flatMap((entry): GitSetting[] => {
    const end = entry.indexOf('\n');
    // Without a value it stands for yes.
    if (end < 0) return entry === '' ? [] : [[entry, 'true']];
    return [[entry.slice(0, end), entry.slice(end + 1)]];
  });
  return [...settings, ...withoutFilters(missingFilters(settings, environment))];
}

/** The same as arguments that come before a command of git, for what cannot be done with a filter that is missing. */
export async function missingFilterArgs(main: Git, environment: NodeJS.ProcessEnv): Promise<string[]> {
  const missing = missingFilters(await conversionSettings(main, environment), environment);
  return withoutFilters(missing).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

/** Where the patterns of a sparse checkout are; null without them. */
export function sparsePatterns(folder: string): string | null {
  const file = join(gitDirOf(folder) ?? '', 'info', 'sparse-checkout');
  return existsSync(file) ? readFileSync(file, 'latin1') : null;
}

function withoutFilters(names: readonly string[]): GitSetting[] {
  return names.flatMap((name): GitSetting[] => [
    [`filter.${name}.clean`, ''],
    [`filter.${name}.smudge`, ''],
    [`filter.${name}.process`, ''],
    [`filter.${name}.required`, 'false'],
  ]);
}

/** The filters that name a program which is not there. */
function missingFilters(settings: readonly GitSetting[], environment: NodeJS.ProcessEnv): string[] {
  const missing = new Set<string>();
  for (const [name, value] of settings) {
    const filter = /^filter\.(.+)\.(?:clean|smudge|process)$/.exec(name)?.[1];
    if (filter !== undefined && value !== '' && !isInstalled(value, environment)) missing.add(filter);
  }
  return [...missing];
}

/** Of a line for the shell its first word. What is more than a plain word is taken to be there: git then tells. */
function isInstalled(line: string, environment: NodeJS.ProcessEnv): boolean {
  const [program = ''] = line.trim().split(/\s+/);
  if (!/^[\w./+-]+$/.test(program)) return true;
  if (program.includes('/')) return !isAbsolute(program) || isProgram(program);
  const folders = (environment['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return folders.some((folder) => isProgram(resolve(folder, program)));
}

function isProgram(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return statSync(file).isFile();
  } catch {
    return false;
  }
}
