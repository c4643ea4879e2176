import type { Ledger, LedgerEntry } from '@signalbox/audit';
import { type Actor, actorName } from '../actor.js';
import type { Door } from '../door/door.js';
import { RuntimeError } from '../errors.js';
import { isCheckedOut } from '../git/checked-out.js';
import { createGit, type Git } from '../git/git.js';
import type { ProjectStore } from '../project/open-store.js';
import { type BranchTip, readIntegrationTip, resolveCommit } from './branch-tips.js';
import { INTEGRATION_BRANCH, INTEGRATION_REF } from './integration-ref.js';

/** These say that a move of the branch, which an entry before announced, has come about. */
const ARRIVED: ReadonlySet<string> = new Set(['landing.landed', 'landing.prepared', 'landing.reverted']);

/** The newest landing is among the last few entries: the many before it need not be read. */
const PAGE = 32;

interface Intent {
  old: unknown;
  new: string;
}

/**
 * Where the ledger says that the integration branch is: first the last commit that it was moved to or that a person accepted, then
 * those to which it was about to be moved from there (an executor may have died while git still moved the branch). Empty before
 * the first.
 *
 * Moves are in the order of their intents, not of the entries that say how they ended: that of an executor which died after its
 * move is written by whoever finds it, when others have landed since.
 */
export function expectedTips(ledger: Pick<Ledger, 'read'>): Set<string> {
  const arrived: string[] = [];
  const intents: Intent[] = [];
  for (const { kind, data } of newestLandings(ledger)) {
    if (kind === 'landing.accepted') return from(String(data['commit']), intents);
    if (ARRIVED.has(kind)) arrived.push(String(data['commit']));
    if (kind !== 'landing.intended') continue;
    const next = String(data['new']);
    if (arrived.includes(next)) return from(next, intents);
    intents.unshift({ old: data['old'], new: next });
  }
  // Nothing is known of how it came there, or nothing has ever arrived.
  const [newest] = arrived;
  return newest === undefined ? new Set(intents.map((intent) => intent.new)) : from(newest, intents);
}

/** The commit itself and where intents, from the oldest, may have moved the branch from there. */
function from(commit: string, intents: readonly Intent[]): Set<string> {
  const reached = new Set([commit]);
  for (const intent of intents) if (reached.has(String(intent.old))) reached.add(intent.new);
  return reached;
}

function* newestLandings(ledger: Pick<Ledger, 'read'>): Generator<LedgerEntry> {
  for (let before: number | undefined; ; ) {
    const filter = { kind: 'landing.', newestFirst: true, limit: PAGE, ...(before === undefined ? {} : { before }) };
    const page = ledger.read(filter);
    yield* page;
    if (page.length < PAGE) return;
    before = page.at(-1)?.seq;
  }
}

/**
 * Refuses to build on an integration branch that somebody else has moved: what is there, nobody has judged. Returns the tip that
 * it has found in order: another than `seen` if the branch has moved on meanwhile. Throws `INTEGRATION_MOVED`, or
 * `INTEGRATION_CHECKED_OUT` when a work tree has it checked out, under which it must not move.
 */
export async function guardIntegration(git: Git, ledger: Pick<Ledger, 'read'>, seen: BranchTip): Promise<string> {
  const checkedOutNow = await isCheckedOut(git, INTEGRATION_REF);
  let { commit: tip, symbolic } = seen;
  for (;;) {
    const expected = expectedTips(ledger);
    if (symbolic) throw madeSymbolic(expected, tip);
    if (expected.size === 0 || expected.has(tip)) break;
    // The log is newer than the tip: another executor may have landed in between, and that is in order.
    const now = await readIntegrationTip(git);
    if (now === null || (now.commit === tip && !now.symbolic)) throw moved(expected, tip);
    ({ commit: tip, symbolic } = now);
  }
  if (checkedOutNow) throw checkedOut();
  return tip;
}

export interface IntegrationMove {
  from: string;
  to: string;
  /** One line each: what came with the move. */
  commits: string[];
}

/** What somebody else has done to the integration branch, or null if it is where it was left. */
export async function integrationMove(
  env: { store: ProjectStore },
  environment: NodeJS.ProcessEnv = process.env,
): Promise<IntegrationMove | null> {
  const git = createGit(env.store.paths.root, environment);
  const expected = expectedTips(env.store.ledger);
  const to = await resolveCommit(git, INTEGRATION_REF).catch(() => null);
  const from = [...expected][0];
  if (to === null || from === undefined || expected.has(to)) return null;
  const log = await git.attempt(['log', '--oneline', '--max-count=50', `${from}..${to}`]);
  return { from, to, commits: log.stdout.split('\n').filter((line) => line !== '') };
}

/** Takes the branch as it is for the new starting point. Only a person may. */
export function acceptIntegration(env: { door: Door; actor: Actor }, to: string): void {
  env.door.refuseAgents(env.actor, 'accept a moved integration branch');
  const actor = actorName(env.actor);
  env.door.record([
    { kind: 'landing.accepted', actor, subject: 'project', data: { ref: INTEGRATION_REF, commit: to } },
  ]);
}

function moved(expected: ReadonlySet<string>, tip: string): RuntimeError {
  const [from = 'nothing'] = expected;
  return new RuntimeError({
    code: 'INTEGRATION_MOVED',
    message: `${INTEGRATION_BRANCH} was moved by somebody else, from ${from.slice(0, 12)} to ${tip.slice(0, 12)}.`,
    hint: 'Look at what came with it, and take it as it is with `signalbox trust`.',
    details: { from, to: tip },
  });
}

function madeSymbolic(expected: ReadonlySet<string>, tip: string): RuntimeError {
  const [commit = tip] = expected;
  return new RuntimeError({
    code: 'INTEGRATION_MOVED',
    message: `Somebody has made ${INTEGRATION_BRANCH} stand for another branch.`,
    hint: `Set it right with \`git update-ref --no-deref ${INTEGRATION_REF} ${commit}\`.`,
    details: { from: commit, to: tip },
  });
}

function checkedOut(): RuntimeError {
  return new RuntimeError({
    code: 'INTEGRATION_CHECKED_OUT',
    message: `${INTEGRATION_BRANCH} is checked out in a work tree, whose files would not follow when it moves.`,
    hint: 'Check out another branch there.',
  });
}
