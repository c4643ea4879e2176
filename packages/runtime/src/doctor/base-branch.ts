import { createGit } from '../git/git.js';
import { resolveCommit } from '../landing/branch-tips.js';
import { readConfig } from '../project/config.js';
import { findRepository } from '../project/find-root.js';
import type { ProjectPaths } from '../project/paths.js';
import type { Finding } from './examine.js';

/** A base that is no branch, from which nothing can be started. Nothing to say where it is one, or outside of git. */
export async function baseFindings(paths: ProjectPaths, environment: NodeJS.ProcessEnv): Promise<Finding[]> {
  if (findRepository(paths.root) === null) return [];
  const git = createGit(paths.root, environment);
  try {
    const { base } = readConfig(paths);
    if ((await resolveCommit(git, `refs/heads/${base}`)) !== null) return [];
    const isEmpty = (await resolveCommit(git, 'HEAD')) === null;
    return [
      isEmpty
        ? { name: 'base', state: 'warn', text: 'the repository has no commit yet', hint: 'Commit something first.' }
        : {
            name: 'base',
            state: 'bad',
            text: `no branch is called "${base}", so no work can start from it`,
            hint: 'Correct `base:` in .ai/config.yaml.',
          },
    ];
  } catch {
    return []; // what is wrong with git or with the file is a finding of its own
  }
}
