import type { Ledger, LedgerEntry } from '@signalbox/audit';
import { type Actor, actorName } from '../actor.js';
import type { Door } from '../door/door.js';
import { RuntimeError } from '../errors.js';
import { isCheckedOut } from '../git/checked-out.js';
import { createGit, type Git } from '../git/git.js';
import type { ProjectStore } from '../project/open-store.js';
import { INTEGRATION_BRANCH, INTEGRATION_REF, resolveCommit } from './integration.js';

/** After these the branch is where the entry says. */
const ARRIVED: ReadonlySet<string> = new Set([
  'landing.landed',
  'landing.prepared',
  'landing.accepted',
  'landing.reverted',
]);

/**
 * Where the ledger says that the integration branch may be: at a commit that was landed, prepared, accepted or reverted to, or
 * that was about to be (an executor may have died while git still moved the branch), and from which nothing has moved it since.
 * An arrival can be recorded long after later ones, by whoever finds that its executor has died: so the log is read back to
 * where the newest was intended. Empty before the first.
 */
export function expectedTips(ledger: Pick<Ledger, 'read'>): Set<string> {
  const arrived: string[] = [];
  const intended: { old: string; next: string }[] = [];
  let isWhole = true;
  for (const { kind, data } of landingsOf(ledger)) {
    if (kind === 'landing.intended') {
      const next = String(data['new']);
      intended.push({ old: String(data['old']), next });
      if (next === arrived[0]) break;
    }
    if (ARRIVED.has(kind)) arrived.push(String(data['commit']));
    if (kind === 'landing.accepted') {
      // What was intended before a person took the branch as it is says nothing any more.
      isWhole = false;
      break;
    }
  }
  const accepted = isWhole ? null : arrived.at(-1);
  const isKnown = (commit: string): boolean =>
    isWhole || commit === accepted || intended.some(({ next }) => next === commit);
  const left = new Set(intended.filter(({ next }) => arrived.includes(next)).map(({ old }) => old));
  const under = intended.filter(({ old }) => !left.has(old)).map(({ next }) => next);
  return new Set([...arrived.filter(isKnown), ...under].filter((commit) => !left.has(commit)));
}

function* landingsOf(ledger: Pick<Ledger, 'read'>): Generator<LedgerEntry> {
  for (let before: number | undefined; ; ) {
    const filter = { kind: 'landing.', newestFirst: true, limit: PAGE, ...(before === undefined ? {} : { before }) };
    const page = ledger.read(filter);
    yield* page;
    if (page.length < PAGE) return;
    before = page.at(-1)?.seq;
  }
}

/** The newest landing is among the last few entries: the many before it need not be read. */
const PAGE = 32;

/**
 * Refuses to build on an integration branch that somebody else has moved: what is there, nobody has judged. Returns the tip that
 * it has found in order: another than `seen` if the branch has moved on meanwhile. Throws `INTEGRATION_MOVED`, or
 * `INTEGRATION_CHECKED_OUT` when a work tree has it checked out, under which it must not move.
 */
export async function guardIntegration(git: Git, ledger: Pick<Ledger, 'read'>, seen: string): Promise<string> {
  let tip = seen;
  for (;;) {
    const expected = expectedTips(ledger);
    const symbolic = (await git.attempt(['symbolic-ref', '--quiet', INTEGRATION_REF])).exitCode === 0;
    if (symbolic) throw madeSymbolic(expected, tip);
    if (expected.size === 0 || expected.has(tip)) break;
    // The log is newer than the tip: another executor may have landed in between, and that is in order.
    const now = await resolveCommit(git, INTEGRATION_REF);
    if (now === null || now === tip) throw moved(expected, tip);
    tip = now;
  }
  if (await isCheckedOut(git, INTEGRATION_REF)) throw checkedOut();
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
