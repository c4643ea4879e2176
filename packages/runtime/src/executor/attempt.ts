import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { redactText } from '@signalbox/audit';
import { type JsonObject, messageOf } from '@signalbox/kernel';
import type { Failure, Settlement, Task } from '@signalbox/task-core';
import { fingerprintChanges, fingerprintGit } from '../git/fingerprint.js';
import type { Git } from '../git/git.js';
import { createPrivateGit } from '../git/private-git.js';
import { createSnapshots, type Snapshots } from '../git/snapshot.js';
import { landingMessage } from '../landing/land-attempt.js';
import type { Repository } from '../workspace/workspace.js';
import { type AgentDoor, createAgentDoor } from './agent-door.js';
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
import type { Verdict } from './verdict.js';

/** How things stood when the agent began, and how to look again. */
interface Watch {
  repository: Repository;
  git: Git;
  snapshots: Snapshots;
  before: string;
}

/** Set-up, agent, evidence, verdict, landing. Returns how the attempt ended; throws only for what is nobody's attempt's fault. */
export async function runAttempt(env: ExecutorEnv, scope: AttemptScope): Promise<AttemptEnd> {
  const { task, workspace, signal } = scope;
  const door = createAgentDoor(env, { ...scope, workspace: workspace.folder });
  const base = workspace.repository?.base ?? null;
  const data: JsonObject = { workspace: workspace.folder, branch: workspace.branch, base };
  const unjudged = (settlement: Settlement): AttemptEnd => {
    return { settlement, verdict: verdictWithout(settlement), data, landed: null };
  };

  const unready = await setUp(env, scope, door);
  if (unready) return unjudged(unready);
  const refused = task.run ? afterDecision(door.decideCommand(task.run, originOf(task)), textOf(task.run)) : null;
  if (refused) return unjudged(refused);
  const watch = await startWatch(env, scope);
  const untouched = watch && fingerprintGit(watch.repository.common);

  const run = await letAgentWork(env, scope, door);
  Object.assign(data, { usage: { ...run.usage } }, run.session ? { session: run.session } : {});
  const tampered = watch && untouched ? fingerprintChanges(untouched, fingerprintGit(watch.repository.common)) : [];
  if (tampered.length > 0) return unjudged(afterTampering(tampered));
  const work = await collectAndJudge(env, scope, door, watch, run).catch((error: unknown) => {
    // What an agent leaves can be such that git does not read it: that is the attempt's failure, or it would come back for ever.
    const message = redactText(`What the attempt left could not be judged: ${messageOf(error)}`);
    return {
      ended: { kind: 'failure', failure: { class: 'invalid_output', message } } satisfies Settlement,
      commit: null,
    };
  });
  if (work.commit) data['commit'] = work.commit;
  await scope.evidence.flush();
  // A check that was cut short says nothing about the work.
  if (signal.aborted) return unjudged(run.failure ? afterAgent(run.failure, door) : afterStop(signal));
  if ('ended' in work) return unjudged(work.ended);
  const { verdict, change, commit } = work;
  if (!verdict.pass) return { settlement: afterVerdict(verdict), verdict, data, landed: null };
  if (!change || !commit || workspace.kind === 'in-place') {
    return { settlement: { kind: 'done' }, verdict, data, landed: null };
  }
  const landing = await landChange(env, scope, door, { commit, change, verdict });
  if (landing.landed === null && signal.aborted) return unjudged(afterStop(signal));
  return { ...landing, data };
}

type JudgedWork =
  | { verdict: Verdict; change: Change | null; commit: string | null }
  /** There is nothing to judge: the agent failed, or the checks could not be set up. */
  | { ended: Settlement; commit: string | null };

async function collectAndJudge(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  watch: Watch | null,
  run: AgentRun,
): Promise<JudgedWork> {
  const change =
    watch && (await collectChange(env, { ...scope, ...watch, task: scope.task.id, attempt: scope.attempt.id }));
  const commit = change && (await keepChange(scope, change));
  await scope.evidence.flush();
  if (run.failure) return { ended: afterAgent(run.failure, door), commit };
  if (scope.signal.aborted) return { ended: afterStop(scope.signal), commit };
  const judged = await judge(env, scope, door, change && { change, commit });
  return 'unready' in judged ? { ended: judged.unready, commit } : { verdict: judged.verdict, change, commit };
}

function textOf(run: NonNullable<Task['run']>): string {
  return 'shell' in run ? run.shell : run.argv.join(' ');
}

function afterTampering(names: readonly string[]): Settlement {
  const reason = `Git's own files changed while the agent ran (${names.join(', ')}); look at them before anything goes on.`;
  const failure: Failure = { class: 'policy_denied', message: reason };
  return { kind: 'blocked', blockedBy: [{ kind: 'human', reason }], failure };
}

async function startWatch(env: ExecutorEnv, { workspace, ownScratch }: AttemptScope): Promise<Watch | null> {
  const { repository } = workspace;
  if (!repository) return null;
  const { top: folder, common, base } = repository;
  const place = join(ownScratch, 'watch');
  await mkdir(place, { recursive: true });
  const git = createPrivateGit({ folder, common, place, base, environment: env.environment });
  const snapshots = createSnapshots(git, base, place);
  return { repository, git, snapshots, before: await snapshots.take() };
}

async function letAgentWork(env: ExecutorEnv, scope: AttemptScope, door: AgentDoor): Promise<AgentRun> {
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
