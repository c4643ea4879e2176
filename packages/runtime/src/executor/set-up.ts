import type { Settlement } from '@signalbox/task-core';
import type { AgentDoor } from './agent-door.js';
import { type AttemptScope, commandScopeOf } from './attempt-scope.js';
import { runCommand } from './commands.js';
import type { ExecutorEnv } from './env.js';
import { afterDecision, afterStop } from './settlements.js';

/** Makes a fresh worktree ready: runs the project's set-up lines. Returns what becomes of the task if that fails. */
export async function setUp(env: ExecutorEnv, scope: AttemptScope, door: AgentDoor): Promise<Settlement | null> {
  if (scope.workspace.kind === 'in-place') return null;
  for (const line of env.setup) {
    const refused = afterDecision(await door.decideSetup(line), `run \`${line}\``);
    if (refused) return refused;
    scope.progress({ task: scope.task.id, step: 'setup', text: line });
    const about = { purpose: 'setup', tree: null } as const;
    const { result, draft, tail } = await runCommand(env, commandScopeOf(scope), line, about);
    scope.evidence.add(draft);
    if (scope.signal.aborted) return afterStop(scope.signal);
    if (result.code !== 0) {
      const message = `The set-up \`${line}\` failed (exit ${result.code}).\n${tail}`.trim();
      return { kind: 'failure', failure: { class: 'crashed', message } };
    }
  }
  return null;
}
