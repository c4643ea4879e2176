import { type Actor, actorName } from '../actor.js';
import type { Door } from '../door/door.js';
import { RuntimeError } from '../errors.js';
import type { Git } from '../git/git.js';
import { findRepository } from '../project/find-root.js';
import type { ProjectStore } from '../project/open-store.js';
import { readIntegrationTip, resolveCommit } from './branch-tips.js';
import { INTEGRATION_BRANCH, INTEGRATION_REF, isAncestor } from './integration.js';
import { guardIntegration } from './integration-guard.js';
import { branchOf, mergeIntoBranch, shortName } from './merge-into-branch.js';

export interface LandReport {
  branch: string;
  from: string;
  to: string;
  commits: number;
}

interface LandEnv {
  door: Door;
  actor: Actor;
  store: ProjectStore;
}

/** `signalbox land`, through the door: only a person may, and only where policy lets them. */
export async function landForUser(env: LandEnv, git: Git): Promise<LandReport> {
  env.door.refuseAgents(env.actor, "land work on the user's branch");
  const isOutside = findRepository(git.folder) === null;
  const tip = isOutside ? null : await resolveCommit(git, INTEGRATION_REF);
  const ref = isOutside ? null : await branchOf(git);
  const ask = {
    actor: env.actor,
    action: { name: 'task.land' },
    subject: 'project',
    resource: {},
    // What lands later, or elsewhere, is another question.
    exactly: { tip, branch: ref },
  };
  return env.door.permit(ask, async () => {
    const report = await mergeIntegration(env, git, { tip, ref });
    const data = { ...report };
    env.door.record([{ kind: 'landing.merged', actor: actorName(env.actor), subject: 'project', data }]);
    return report;
  });
}

/**
 * Merges the integration branch into the branch that was checked out when it was asked for: on a clean tree only, with the user's
 * own hooks and signing.
 */
async function mergeIntegration(
  env: LandEnv,
  git: Git,
  asked: { tip: string | null; ref: string | null },
): Promise<LandReport> {
  if (findRepository(git.folder) === null) throw outsideGit(git.folder);
  const { ref } = asked;
  if (ref === null) throw detached();
  const branch = shortName(ref);
  const from = await resolveCommit(git, ref);
  if (from === null) throw noCommits();
  const seen = await readIntegrationTip(git);
  if (seen === null || (await isAncestor(git, seen.commit, from))) throw nothing(branch);
  const tip = await guardIntegration(git, env.store.ledger, seen);
  if (tip !== asked.tip) throw moved();
  const commits = Number(await git.run(['rev-list', '--count', '--no-merges', `${from}..${tip}`]));
  return { branch, ...(await mergeIntoBranch(git, { ref, tip })), commits };
}

function outsideGit(folder: string): RuntimeError {
  return new RuntimeError({
    code: 'NO_REPOSITORY',
    message: `${folder} is in no git repository, so nothing lands anywhere.`,
    hint: 'Tasks work in place here; their changes are in the folder already.',
  });
}

function moved(): RuntimeError {
  return new RuntimeError({
    code: 'STALE',
    message: `${INTEGRATION_BRANCH} moved while policy was asked about landing it.`,
    hint: 'Run `signalbox land` again.',
  });
}

function noCommits(): RuntimeError {
  return new RuntimeError({
    code: 'NO_COMMITS',
    message: 'The branch has no commit yet, so nothing can be merged into it.',
    hint: 'Commit something first.',
  });
}

function detached(): RuntimeError {
  return new RuntimeError({
    code: 'NO_SUCH_BRANCH',
    message: 'No branch is checked out, so there is none to land on.',
    hint: 'Check out the branch that should receive the work.',
  });
}

function nothing(branch: string): RuntimeError {
  return new RuntimeError({
    code: 'NOTHING_TO_LAND',
    message: `${branch} has everything that is on ${INTEGRATION_BRANCH} already.`,
    hint: 'Run `signalbox status` to see what is under way.',
  });
}
