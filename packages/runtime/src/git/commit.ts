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
  const args = ['commit-tree', draft.tree, ...draft.parents.flatMap((parent) => ['-p', parent])];
  const author = {
    GIT_AUTHOR_NAME: draft.author,
    GIT_AUTHOR_EMAIL: `${draft.author.replace(/[^\w.-]/g, '-')}@signalbox.invalid`,
  };
  const input = draft.message;
  const email = await git.attempt(['config', 'user.email']);
  if (email.exitCode === 0) {
    const made = await git.attempt(args, { input, environment: author });
    // With an address and no name git may refuse.
    if (made.exitCode === 0) return made.stdout;
  }
  return git.run(args, { input, environment: { ...author, ...OWN_IDENTITY } });
}

const OWN_IDENTITY = { GIT_COMMITTER_NAME: 'Signalbox', GIT_COMMITTER_EMAIL: 'signalbox@signalbox.invalid' };
