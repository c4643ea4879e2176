import type { Git } from '../git/git.js';
import { INTEGRATION_REF } from './integration-ref.js';

/** Where a branch is. */
export interface BranchTip {
  commit: string;
  /** Whether its name stands for another branch. */
  symbolic: boolean;
}

export interface StartingTips {
  base: BranchTip | null;
  integration: BranchTip | null;
  /** Whether the integration branch is known to have all that is on the base. */
  hasBase: boolean;
}

const FORMAT = '--format=%(objecttype) %(objectname) %(refname) %(symref)';

/** Where the base branch and the integration branch are: of one git where the latter has all of the former, as most often. */
export async function readStartingTips(git: Git, base: string): Promise<StartingTips> {
  const baseRef = `refs/heads/${base}`;
  const refs = [baseRef, INTEGRATION_REF];
  const containing = await listTips(git, refs, [`--contains=${baseRef}`]);
  const hasBase = containing?.has(INTEGRATION_REF) === true && containing.has(baseRef);
  const tips = hasBase && containing ? containing : await readTips(git, refs);
  return { base: tips.get(baseRef) ?? null, integration: tips.get(INTEGRATION_REF) ?? null, hasBase };
}

export async function readIntegrationTip(git: Git): Promise<BranchTip | null> {
  return (await readTips(git, [INTEGRATION_REF])).get(INTEGRATION_REF) ?? null;
}

/** The commit of a name; null if it is of none. */
export async function resolveCommit(git: Git, name: string): Promise<string | null> {
  const result = await git.attempt(['rev-parse', '--verify', '--quiet', `${name}^{commit}`]);
  return result.exitCode === 0 ? result.stdout : null;
}

/** By full name; what is not there is left out. */
async function readTips(git: Git, refs: readonly string[]): Promise<Map<string, BranchTip>> {
  return (await listTips(git, refs)) ?? askForEach(git, refs);
}

/** Null where one of them is no commit, or git does not like what it finds. */
async function listTips(
  git: Git,
  refs: readonly string[],
  options: readonly string[] = [],
): Promise<Map<string, BranchTip> | null> {
  const { exitCode, stdout } = await git.attempt(['for-each-ref', FORMAT, ...options, ...refs]);
  if (exitCode !== 0) return null;
  const tips = new Map<string, BranchTip>();
  for (const line of stdout.split('\n')) {
    const [type, commit = '', name = '', target = ''] = line.split(' ');
    // A pattern is also the beginning of names.
    if (!refs.includes(name)) continue;
    if (type !== 'commit') return null;
    tips.set(name, { commit, symbolic: target !== '' });
  }
  return tips;
}

async function askForEach(git: Git, refs: readonly string[]): Promise<Map<string, BranchTip>> {
  const tips = new Map<string, BranchTip>();
  for (const ref of refs) {
    const commit = await resolveCommit(git, ref);
    if (commit !== null) tips.set(ref, { commit, symbolic: await isSymbolic(git, ref) });
  }
  return tips;
}

async function isSymbolic(git: Git, ref: string): Promise<boolean> {
  return (await git.attempt(['symbolic-ref', '--quiet', ref])).exitCode === 0;
}
