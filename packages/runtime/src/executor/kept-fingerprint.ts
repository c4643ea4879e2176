import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { commonDirOf, gitDirOf } from '../git/common-dir.js';
import { fingerprintChanges, fingerprintGit, type GitFingerprint } from '../git/fingerprint.js';
import { findRepository } from '../project/find-root.js';

/** How git's own files stand for a project's root, or null outside of git. */
export function fingerprintOf(root: string): GitFingerprint | null {
  const top = findRepository(root);
  const common = top === null ? null : commonDirOf(top);
  return top === null || common === null ? null : fingerprintGit(common, gitDirOf(top) ?? common);
}

/** Keeps how they stood when an agent began, for whoever finds that its executor has died. `scratch`: the attempt's own folder. */
export function keepFingerprint(scratch: string, fingerprint: GitFingerprint): void {
  writeFileSync(fileIn(scratch), JSON.stringify([...fingerprint]), { mode: 0o600 });
}

/** What has changed since then; nothing if nothing was kept. */
export function changedSinceKept(scratch: string, root: string): string[] {
  const [file, now] = [fileIn(scratch), fingerprintOf(root)];
  if (now === null || !existsSync(file)) return [];
  try {
    return fingerprintChanges(new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, string][]), now);
  } catch {
    return []; // killed while it was written: the agent had not begun
  }
}

function fileIn(scratch: string): string {
  return join(scratch, 'git-files.json');
}
