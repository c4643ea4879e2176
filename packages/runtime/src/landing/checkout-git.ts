import { appendFileSync, copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Git } from '../git/git.js';
import type { HeldCheckout } from './hold-checkout.js';

/** A work tree, and git's folders for it. */
export interface Checkout {
  top: string;
  /** Its own: HEAD and index. */
  gitDir: string;
  /** That all work trees share: refs and objects. */
  common: string;
  /** The full name of the branch that is checked out. */
  ref: string;
}

/** Git on a checkout while that is held: by a git folder beside its own, on the same branch, files and objects. */
export interface CheckoutGit {
  git: Git;
  /** Takes it off the branch, to a commit. */
  detach(commit: string): void;
  /** Gives the checkout what was changed by it: index and log of what was checked out. The checkout is still held. */
  install(held: HeldCheckout, from: string): void;
}

/** What a checkout has of its own beside HEAD, if it has it. */
const OWN_FILES = ['index', 'config.worktree', join('info', 'sparse-checkout')];

/** `place` is an empty folder. */
export function openCheckoutGit(git: Git, { top, gitDir, common, ref }: Checkout, place: string): CheckoutGit {
  const shared = readdirSync(gitDir).filter((name) => name.startsWith('sharedindex.'));
  for (const name of [...OWN_FILES, ...shared]) copyIfThere(join(gitDir, name), join(place, name));
  writeFileSync(join(place, 'commondir'), `${common}\n`);
  writeFileSync(join(place, 'HEAD'), `ref: ${ref}\n`);
  return {
    git: git.fixedTo({ GIT_DIR: place, GIT_WORK_TREE: top }),
    detach: (commit) => writeFileSync(join(place, 'HEAD'), `${commit}\n`),
    install(held, from) {
      const log = join('logs', 'HEAD');
      if (existsSync(join(place, log)) && existsSync(join(gitDir, log)))
        appendFileSync(join(gitDir, log), readFileSync(join(place, log)));
      writeFileSync(join(gitDir, 'ORIG_HEAD'), `${from}\n`);
      held.setIndex(join(place, 'index'));
    },
  };
}

function copyIfThere(from: string, to: string): void {
  if (!existsSync(from)) return;
  mkdirSync(dirname(to), { recursive: true });
  copyFileSync(from, to);
}
