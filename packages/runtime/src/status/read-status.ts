import type { Block, Task, TaskStatus } from '@signalbox/task-core';
import { openQuestions } from '../approvals/open-questions.js';
import type { Budgets } from '../budgets/budgets.js';
import { type CostReport, costToday } from '../cost/report-cost.js';
import { aisWithPolicy } from '../decisions/check-policy.js';
import { readPolicy } from '../door/policy-files.js';
import { createGit } from '../git/git.js';
import { resolveCommit } from '../landing/branch-tips.js';
import { INTEGRATION_REF } from '../landing/integration.js';
import { findRepository } from '../project/find-root.js';
import type { ProjectStore } from '../project/open-store.js';
import { findUnroutable, type Unroutable } from './unroutable.js';

export interface StatusReport {
  root: string;
  counts: Record<TaskStatus, number>;
  /** Held now, and by whom. */
  running: { id: string; title: string; status: TaskStatus; holder: string; ai: string | null; expiresAt: string }[];
  /** What waits, and for what. */
  blocked: { id: string; title: string; blockedBy: Block[] }[];
  /** What persons have to answer. */
  approvals: { id: string; what: string; requester: string; task: string | null; expiresAt: string }[];
  ais: { id: string; connector: string; status: string; running: number; maxConcurrent: number }[];
  /** Finished work that the user's branch does not have yet; null outside of git or before anything landed. */
  unlanded: { base: string; commits: number } | null;
  /** What attempts that ended today (UTC) have used, as far as their agents told. */
  today: CostReport['total'];
  ledgerEntries: number;
  /** Of the first queued tasks those that no AI can take as things are, by why. */
  unroutable: Unroutable[];
  /** The first fault of each policy file that is not valid, so that everything, or everything of one AI, is denied. */
  policyProblems: { file: string; line: number; column: number; message: string }[];
}

const SHOWN = 20;

/** The project on one screen. `budgets`: those of its configuration. */
export async function readStatus(
  store: ProjectStore,
  base: string,
  environment: NodeJS.ProcessEnv,
  budgets: Budgets = {},
): Promise<StatusReport> {
  const held = await store.tasks.held();
  const { tasks: blocked } = await store.tasks.list({ status: ['blocked'], limit: SHOWN });
  const ais = await store.ais.list();
  return {
    root: store.paths.root,
    counts: await store.tasks.counts(),
    running: held.map(({ task, attempt }) => ({
      ...brief(task),
      status: task.status,
      holder: task.lease?.holder ?? '',
      ai: attempt?.ai ?? null,
      expiresAt: task.lease?.expiresAt ?? '',
    })),
    blocked: blocked.map((task) => ({ ...brief(task), blockedBy: task.blockedBy })),
    approvals: (await openQuestions(store, { limit: SHOWN })).map(({ id, what, requester, task, expiresAt }) => ({
      id,
      what,
      requester,
      task,
      expiresAt,
    })),
    ais: ais.map(({ id, connector, status, maxConcurrent }) => ({
      id,
      connector,
      status,
      running: held.filter(({ attempt }) => attempt?.ai === id && attempt.finishedAt === null).length,
      maxConcurrent,
    })),
    unlanded: await countUnlanded(store.paths.root, base, environment),
    today: await costToday(store.tasks, store.clock.now()),
    ledgerEntries: store.ledger.head().size,
    unroutable: await findUnroutable(store, ais, budgets),
    policyProblems: firstProblems(store, environment['PATH'] ?? ''),
  };
}

/** Of the files of AIs only where the rest is valid: else theirs is the lesser trouble. */
function firstProblems(store: ProjectStore, path: string): StatusReport['policyProblems'] {
  const { problems } = readPolicy(store.paths, store.clock.now(), path);
  const found =
    problems.length > 0
      ? problems
      : aisWithPolicy(store).flatMap((ai) => readPolicy(store.paths, store.clock.now(), path, ai).problems);
  const first = found.filter(({ file }, index) => found.findIndex((each) => each.file === file) === index);
  return first.map(({ file, line, column, message }) => ({ file, line, column, message }));
}

function brief({ id, title }: Task): { id: string; title: string } {
  return { id, title };
}

async function countUnlanded(
  root: string,
  base: string,
  environment: NodeJS.ProcessEnv,
): Promise<StatusReport['unlanded']> {
  if (findRepository(root) === null) return null;
  const git = createGit(root, environment);
  if ((await resolveCommit(git, INTEGRATION_REF)) === null) return null;
  const count = await git.attempt(['rev-list', '--count', '--no-merges', `refs/heads/${base}..${INTEGRATION_REF}`]);
  return count.exitCode === 0 ? { base, commits: Number(count.stdout) } : null;
}
