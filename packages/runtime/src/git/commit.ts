import type { Git } from './git.js';

export interface CommitDraft {
  tree: string;
  parents: readonly string[];
  message: string;
  /** The AI that did the work. */
  author: string;
}

/**
 * Makes a commit of a tree without touching any checkout. The AI is the author; the committer is the user whom git is
 * configured for, or Signalbox where it is not configured. Hooks and signing belong to the user's own commits: they run when
 * the work is merged into the user's branch (`signalbox land`).
 */
export async function commitTree(git: Git, draft: CommitDraft): Promise<string> {
  const committer = await committerIdentity(git);
  return git.run(['commit-tree', draft.tree, ...draft.parents.flatMap((parent) => ['-p', parent])], {
    input: draft.message,
    environment: {
      GIT_AUTHOR_NAME: draft.author,
      GIT_AUTHOR_EMAIL: `${draft.author.replace(/[^\w.-]/g, '-')}@signalbox.invalid`,
      ...committer,
    },
  });
}

async function committerIdentity(git: Git): Promise<Record<string, string>> {
  const configured = await git.attempt(['var', 'GIT_COMMITTER_IDENT']);
  const email = await git.attempt(['config', 'user.email']);
  if (configured.exitCode === 0 && email.exitCode === 0) return {};
  return { GIT_COMMITTER_NAME: 'Signalbox', GIT_COMMITTER_EMAIL: 'signalbox@signalbox.invalid' };
}
