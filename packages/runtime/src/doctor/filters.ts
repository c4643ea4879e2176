import { join } from 'node:path';
import { commonDirOf } from '../git/common-dir.js';
import { createGit, type Git } from '../git/git.js';
import { readPlain } from '../git/read-head.js';
import { filterUse } from '../git/user-settings.js';
import { findRepository } from '../project/find-root.js';
import type { ProjectPaths } from '../project/paths.js';
import type { Finding } from './examine.js';

/** Each filter that `.gitattributes` asks for and that is not run in worktrees. Nothing to say when there is none. */
export async function filterFindings(paths: ProjectPaths, environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  const top = findRepository(paths.root);
  if (top === null) return [];
  const git = createGit(top, environment);
  try {
    const names = await filtersAskedFor(git, top);
    if (names.length === 0) return [];
    const { refused, configured } = await filterUse(git, environment, paths.worktrees);
    return names.flatMap((name): Finding[] => {
      const fault = refused.get(name);
      if (fault !== undefined) return [notRun(name, `its line ${fault}`, hintFor(name, fault))];
      return configured.has(name) ? [] : [notRun(name, 'git has no program for it', missing(name))];
    });
  } catch {
    return []; // what is wrong with git is a finding of its own
  }
}

function notRun(name: string, why: string, hint: string): Finding {
  const text = `the filter "${name}" of .gitattributes is not run: ${why}; its files are in worktrees as they are in git`;
  return { name: 'filters', state: 'warn', text, hint };
}

function hintFor(name: string, fault: string): string {
  if (fault.includes('not installed')) return missing(name);
  return `Set filter.${name}.* to a program on PATH, outside of the repository, with plain words (docs/workspaces.md).`;
}

function missing(name: string): string {
  if (name === 'lfs') return 'Install git-lfs, then run `git lfs install`.';
  return `Install its program, and set filter.${name}.clean and filter.${name}.smudge.`;
}

/** The names after `filter=`, also in macros, of every file of attributes that the repository has. */
async function filtersAskedFor(git: Git, top: string): Promise<string[]> {
  const pathspec = ':(top,glob)**/.gitattributes';
  const listed = await git.run(['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', pathspec]);
  const files = listed.split('\0').filter((path) => path !== '');
  const paths = [...files.map((path) => join(top, path)), join(commonDirOf(top) ?? top, 'info', 'attributes')];
  const lines = paths.flatMap((path) => (readPlain(path) ?? '').split('\n')).filter((line) => !/^\s*#/.test(line));
  const names = lines.flatMap((line) => [...line.matchAll(/(?<=\s)filter=(\S+)/g)].map((match) => match[1] ?? ''));
  return [...new Set(names)].sort();
}
