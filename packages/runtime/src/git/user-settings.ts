import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { findRepository } from '../project/find-root.js';
import { gitDirOf } from './common-dir.js';
import { type FilterPlaces, filterFault } from './filter-programs.js';
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
 * The settings of the user, of this repository and of all, that decide how files become objects and back in `folder`. A filter
 * whose program is not installed, or may come from the work tree, is switched off: what it would have converted stays as it is in
 * the objects, before and after.
 */
export function conversionSettings(
  settings: readonly GitSetting[],
  main: Git,
  environment: NodeJS.ProcessEnv,
  folder: string,
): GitSetting[] {
  return [...settings, ...filtersOff(settings, placesOf(main, environment, folder))];
}

/** Environment variables for a command of git that writes files to `folder`: they switch off the same filters. */
export function filterSwitches(
  settings: readonly GitSetting[],
  main: Git,
  environment: NodeJS.ProcessEnv,
  folder: string,
): Record<string, string> {
  const off = filtersOff(settings, placesOf(main, environment, folder));
  if (off.length === 0) return {};
  // The user's own variables of this kind come first. Not `-c name=value`: a filter's name may have a "=" in it.
  const first = Number(environment['GIT_CONFIG_COUNT'] ?? 0) || 0;
  const pairs = off.flatMap(([name, value], index): GitSetting[] => [
    [`GIT_CONFIG_KEY_${first + index}`, name],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return { ...Object.fromEntries(pairs), GIT_CONFIG_COUNT: String(first + off.length) };
}

/** What is configured for the user's checkout of all that the functions here are about. */
export async function readSettings(main: Git): Promise<GitSetting[]> {
  const { exitCode, stdout } = await main.attempt(['config', '--null', '--get-regexp', WANTED]);
  if (exitCode !== 0) return [];
  return stdout.split('\0').flatMap((entry): GitSetting[] => {
    const end = entry.indexOf('\n');
    // Without a value it stands for yes.
    if (end < 0) return entry === '' ? [] : [[entry, 'true']];
    return [[entry.slice(0, end), entry.slice(end + 1)]];
  });
}

function placesOf(main: Git, environment: NodeJS.ProcessEnv, folder: string): FilterPlaces {
  const checkout = findRepository(main.folder) ?? main.folder;
  return { path: environment['PATH'] ?? '', checkout, trees: [checkout, folder] };
}

/** Where the patterns of a sparse checkout are; null without them. */
export function sparsePatterns(folder: string): string | null {
  const file = join(gitDirOf(folder) ?? '', 'info', 'sparse-checkout');
  return existsSync(file) ? readFileSync(file, 'latin1') : null;
}

function filtersOff(settings: readonly GitSetting[], places: FilterPlaces): GitSetting[] {
  return unusableFilters(settings, places).flatMap((name): GitSetting[] => [
    [`filter.${name}.clean`, ''],
    [`filter.${name}.smudge`, ''],
    [`filter.${name}.process`, ''],
    [`filter.${name}.required`, 'false'],
  ]);
}

/** The filters that are not to be run, or cannot be. */
function unusableFilters(settings: readonly GitSetting[], places: FilterPlaces): string[] {
  return [...faultsOf(settings, places).keys()];
}

/** What is wrong with each of them, as the end of a sentence. */
function faultsOf(settings: readonly GitSetting[], places: FilterPlaces): Map<string, string> {
  const faults = new Map<string, string>();
  // Of each key the last one holds.
  for (const [name, value] of new Map(settings)) {
    const filter = filterNamed(name);
    const fault = filter === undefined || value === '' ? null : filterFault(value, places);
    if (filter !== undefined && fault !== null && !faults.has(filter)) faults.set(filter, `"${value}" ${fault}`);
  }
  return faults;
}

function filterNamed(setting: string): string | undefined {
  return /^filter\.(.+)\.(?:clean|smudge|process)$/s.exec(setting)?.[1];
}

export interface FilterUse {
  /** By name: why it is not run, as a part of a sentence. */
  refused: ReadonlyMap<string, string>;
  /** The names of all that have a program. */
  configured: ReadonlySet<string>;
}

/** Which of the user's filters are run on files in the worktrees at `folder`, and why others are not. */
export async function filterUse(main: Git, environment: NodeJS.ProcessEnv, folder: string): Promise<FilterUse> {
  const settings = await readSettings(main);
  const names = [...new Map(settings)].flatMap(([name, value]) => (value === '' ? [] : [filterNamed(name)]));
  return {
    refused: faultsOf(settings, placesOf(main, environment, folder)),
    configured: new Set(names.filter((name) => name !== undefined)),
  };
}
