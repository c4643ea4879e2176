import type { Snapshots } from '../git/snapshot.js';
import { changesBetween } from '../git/tree-changes.js';
import type { AgentDoor } from './agent-door.js';
import { type AttemptScope, commandScopeOf } from './attempt-scope.js';
import type { Change } from './change.js';
import { originOf } from './claim-task.js';
import { runChecks } from './commands.js';
import type { ExecutorEnv } from './env.js';
import { judgeAttempt, type Verdict } from './verdict.js';

/** Runs the checks that policy allows on what the agent left, and judges the attempt by all that was observed. */
export async function judge(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  work: { change: Change; snapshots: Snapshots } | null,
): Promise<Verdict> {
  const { task } = scope;
  const decided = task.checks.map((check) => ({
    check,
    decision: door.decideCommand({ shell: check }, originOf(task)),
  }));
  const allowed = decided.filter(({ decision }) => decision.decision === 'allow').map(({ check }) => check);
  for (const check of allowed) scope.progress({ task: task.id, step: 'check', text: check });
  const checks = await runChecks(env, commandScopeOf(scope), allowed, work?.change.tree ?? null);
  scope.evidence.add(...checks.drafts);
  const writes = (work?.change.paths ?? []).map((path) => ({ path, decision: door.judgeWrite(path).decision }));
  const pathsWith = (decision: 'deny' | 'ask') =>
    writes.filter((write) => write.decision === decision).map(({ path }) => path);
  return judgeAttempt({
    task,
    changed: work?.change.paths ?? null,
    tree: work?.change.tree ?? null,
    checks: checks.results,
    changedByChecks: work ? await findChangedByChecks(scope, work) : [],
    deniedPaths: pathsWith('deny'),
    askedPaths: pathsWith('ask'),
    demanded: door.demanded(),
    collected: scope.evidence.kinds(),
    refusedChecks: task.checks.filter((check) => !allowed.includes(check)),
  });
}

/** Files of the judged work that the checks themselves changed: what passed is then not what would land. New files are no harm. */
async function findChangedByChecks(
  scope: AttemptScope,
  { change, snapshots }: { change: Change; snapshots: Snapshots },
): Promise<string[]> {
  const { git } = scope.workspace;
  if (!git || scope.task.checks.length === 0) return [];
  const after = await snapshots.take();
  if (after === change.after) return [];
  const changes = await changesBetween(git, change.after, after);
  return changes.filter(({ status }) => status !== 'A').map(({ path }) => path);
}
