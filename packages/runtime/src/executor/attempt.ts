import type { JsonObject } from '@signalbox/kernel';
import type { Settlement, Task } from '@signalbox/task-core';
import { createSnapshots, type Snapshots } from '../git/snapshot.js';
import { landingMessage } from '../landing/land-attempt.js';
import { createAgentDoor } from './agent-door.js';
import type { AttemptEnd, AttemptScope } from './attempt-scope.js';
import { type Change, collectChange, commitChange } from './change.js';
import { originOf } from './claim-task.js';
import type { ExecutorEnv } from './env.js';
import { readInstructions } from './instructions.js';
import { judge } from './judge.js';
import { landChange } from './landing-step.js';
import { buildPrompt } from './prompt.js';
import { type AgentRun, runAgent } from './run-agent.js';
import { runEvidence } from './run-evidence.js';
import { setUp } from './set-up.js';
import { afterAgent, afterDecision, afterStop, afterVerdict, verdictWithout } from './settlements.js';

/** Set-up, agent, evidence, verdict, landing. Returns how the attempt ended; throws only for what is nobody's attempt's fault. */
export async function runAttempt(env: ExecutorEnv, scope: AttemptScope): Promise<AttemptEnd> {
  const { task, workspace, signal } = scope;
  const door = createAgentDoor(env, { ...scope, workspace: workspace.folder });
  const data: JsonObject = { workspace: workspace.folder, branch: workspace.branch, base: workspace.base };
  const unjudged = (settlement: Settlement): AttemptEnd => {
    return { settlement, verdict: verdictWithout(settlement), data, landed: null };
  };

  const unready = await setUp(env, scope, door);
  if (unready) return unjudged(unready);
  const refused = task.run ? afterDecision(door.decideCommand(task.run, originOf(task)), textOf(task.run)) : null;
  if (refused) return unjudged(refused);

  const snapshots = startSnapshots(scope);
  const before = snapshots && (await snapshots.take());
  const run = await letAgentWork(env, scope, door);
  Object.assign(data, { usage: { ...run.usage } }, run.session ? { session: run.session } : {});
  const work =
    snapshots && before !== null
      ? {
          snapshots,
          change: await collectChange(env, { ...scope, task: task.id, attempt: scope.attempt.id, snapshots, before }),
        }
      : null;
  const commit = work && (await keepChange(scope, work.change));
  if (commit) data['commit'] = commit;
  await scope.evidence.flush();
  if (run.failure) return unjudged(afterAgent(run.failure, door));
  if (signal.aborted) return unjudged(afterStop(signal));

  const verdict = await judge(env, scope, door, work);
  await scope.evidence.flush();
  // A check that was cut short says nothing about the work.
  if (signal.aborted) return unjudged(afterStop(signal));
  if (!verdict.pass) return { settlement: afterVerdict(verdict), verdict, data, landed: null };
  if (!work || !commit || workspace.kind === 'in-place')
    return { settlement: { kind: 'done' }, verdict, data, landed: null };

  const landing = await landChange(env, scope, { commit, change: work.change, verdict });
  if (landing.landed === null && signal.aborted) return unjudged(afterStop(signal));
  return { ...landing, data };
}

function textOf(run: NonNullable<Task['run']>): string {
  return 'shell' in run ? run.shell : run.argv.join(' ');
}

function startSnapshots({ workspace, ownScratch }: AttemptScope): Snapshots | null {
  const { git, base } = workspace;
  return git && base !== null ? createSnapshots(git, base, ownScratch) : null;
}

async function letAgentWork(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: ReturnType<typeof createAgentDoor>,
): Promise<AgentRun> {
  scope.progress({ task: scope.task.id, step: 'agent', text: `${scope.ai.id} works` });
  // A run line is not a prompt: nobody would read the instructions.
  const instructions = scope.task.run ? [] : await readInstructions(scope.workspace);
  const prompt = buildPrompt(scope.task, instructions);
  const run = await runAgent(env, { ...scope, folder: scope.workspace.folder, prompt, door });
  scope.evidence.add(...(await runEvidence(env, scope, run)));
  return run;
}

/** Commits what was changed to the attempt's branch, whatever becomes of it. Returns the commit, or null without a change. */
async function keepChange(scope: AttemptScope, change: Change): Promise<string | null> {
  const { task, attempt, ai, workspace } = scope;
  if (change.draft) scope.evidence.add(change.draft);
  const evidence = change.draft?.digest ?? 'none';
  const message = landingMessage({ task, attempt: attempt.id, ai: ai.id, evidence }, task.title);
  return commitChange(workspace, change, message, ai.id);
}
