import { type Actor, actorName } from '../actor.js';
import type { Door } from '../door/door.js';
import { RuntimeError } from '../errors.js';
import type { Git } from '../git/git.js';
import { INTEGRATION_BRANCH, INTEGRATION_REF, isAncestor, resolveCommit } from './integration.js';

export interface LandReport {
  branch: string;
  from: string;
  to: string;
  commits: number;
}

/** `signalbox land`, through the door: only a person may, and only where policy lets them. */
export async function landForUser(env: { door: Door; actor: Actor }, git: Git): Promise<LandReport> {
  env.door.refuseAgents(env.actor, "land work on the user's branch");
  env.door.permit({ actor: env.actor, action: { name: 'task.land' }, subject: 'project', resource: {} });
  const report = await mergeIntegration(git);
  const data = { ...report };
  env.door.record([{ kind: 'landing.merged', actor: actorName(env.actor), subject: 'project', data }]);
  return report;
}

/**
 * Merges the integration branch into the branch that the user has checked out: on a clean tree only, with the user's own
 * hooks and signing. A conflict is undone and reported.
 */
async function mergeIntegration(git: Git): Promise<LandReport> {
  const head = await git.attempt(['symbolic-ref', '--quiet', '--short', 'HEAD']);
  if (head.exitCode !== 0) throw detached();
  const from = await git.run(['rev-parse', 'HEAD']);
  const tip = await resolveCommit(git, INTEGRATION_REF);
  if (tip === null || (await isAncestor(git, tip, from))) throw nothing(head.stdout);
  const changed = await git.run(['status', '--porcelain', '--untracked-files=no']);
  if (changed !== '') throw dirty(changed);
  const commits = Number(await git.run(['rev-list', '--count', '--no-merges', `${from}..${tip}`]));
  const merge = await git.attempt(['merge', '--no-edit', INTEGRATION_BRANCH], { terminal: true });
  if (merge.exitCode !== 0) {
    const paths = await git.run(['diff', '--name-only', '--diff-filter=U']);
    await git.attempt(['merge', '--abort']);
    throw conflict(head.stdout, paths.split('\n').filter(Boolean), merge.stderr.trim() || merge.stdout.trim());
  }
  return { branch: head.stdout, from, to: await git.run(['rev-parse', 'HEAD']), commits };
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

function dirty(changed: string): RuntimeError {
  return new RuntimeError({
    code: 'DIRTY_CHECKOUT',
    message: `The checkout has changes that are not committed: ${changed.split('\n').length} files.`,
    hint: 'Commit or stash them, then land.',
  });
}

function conflict(branch: string, paths: string[], said: string): RuntimeError {
  return new RuntimeError({
    code: 'LAND_CONFLICT',
    message: `${INTEGRATION_BRANCH} does not merge into ${branch}: ${paths.length > 0 ? paths.join(', ') : said}.`,
    hint: 'Nothing was changed. Merge it by hand and resolve what conflicts.',
    details: { paths },
  });
}
