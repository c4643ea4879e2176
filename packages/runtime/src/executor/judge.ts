import type { Settlement } from '@signalbox/task-core';
import type { AgentDoor } from './agent-door.js';
import type { AttemptScope } from './attempt-scope.js';
import type { Change } from './change.js';
import { checkWork } from './check-work.js';
import { originOf } from './claim-task.js';
import type { ExecutorEnv } from './env.js';
import { judgeAttempt, type Verdict } from './verdict.js';

/** Runs the checks that policy allows on what would land, and judges the attempt by all that was observed. */
export async function judge(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  work: { change: Change; commit: string | null } | null,
): Promise<{ verdict: Verdict } | { unready: Settlement }> {
  const { task } = scope;
  const decided = task.checks.map((check) => ({
    check,
    decision: door.decideCommand({ shell: check }, originOf(task)),
  }));
  const allowed = decided.filter(({ decision }) => decision.decision === 'allow').map(({ check }) => check);
  for (const check of allowed) scope.progress({ task: task.id, step: 'check', text: check });
  const checked = await checkWork(env, scope, door, allowed, work?.commit ?? null);
  if (checked.unready) return { unready: checked.unready };
  const writes = (work?.change.paths ?? []).map((path) => ({ path, decision: door.judgeWrite(path).decision }));
  const pathsWith = (decision: 'deny' | 'ask') =>
    writes.filter((write) => write.decision === decision).map(({ path }) => path);
  const inPlace = scope.workspace.kind === 'in-place';
  const verdict = judgeAttempt({
    task,
    changed: work?.change.paths ?? null,
    existing: work?.change.existing ?? [],
    nested: work?.change.nested ?? [],
    secret: work?.change.redacted ?? false,
    tree: inPlace ? null : (work?.change.tree ?? null),
    checks: checked.results,
    changedByChecks: checked.changedByChecks,
    deniedPaths: pathsWith('deny'),
    askedPaths: pathsWith('ask'),
    demanded: door.demanded(),
    collected: scope.evidence.kinds(),
    refusedChecks: task.checks.filter((check) => !allowed.includes(check)),
  });
  return { verdict };
}
