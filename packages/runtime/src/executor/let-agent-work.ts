import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Budget } from '@signalbox/task-core';
import { describeAnswers } from '../approvals/describe-answers.js';
import type { AgentDoor } from './agent-door.js';
import type { AttemptScope } from './attempt-scope.js';
import { type EarlierAttempt, earlierAttempt, NOTHING_BEFORE } from './earlier-attempt.js';
import type { ExecutorEnv } from './env.js';
import { readInstructions } from './instructions.js';
import { buildPrompt } from './prompt.js';
import { type AgentRun, runAgent } from './run-agent.js';
import { runEvidence } from './run-evidence.js';

/**
 * Tells the agent what is to be done and lets it work, with its session where an earlier attempt left one worth going on with.
 * What is to be known of it whatever follows is put into the attempt's data at once: that it began, what it used, its session.
 */
export async function letAgentWork(env: ExecutorEnv, scope: AttemptScope, door: AgentDoor): Promise<AgentRun> {
  const { task, ai, connector, workspace } = scope;
  const earlier = await lookBack(env, scope);
  const { session } = earlier;
  scope.progress({ task: task.id, step: 'agent', text: `${ai.id} ${session === null ? 'works' : 'goes on'}` });
  const prompt = env.redactor.text(await promptOf(env, scope, earlier));
  const sessionFolder = connector.capabilities.resume ? await keepSessions(env, scope) : null;
  const limit = (scope.attempt.data['reserved'] ?? {}) as Budget;
  const { data } = scope;
  const run = await runAgent(env, {
    ...{ ...scope, limit, folder: workspace.folder, prompt, door, session, sessionFolder },
    onBegin() {
      data['began'] = true;
    },
  });
  data['usage'] = { ...run.usage };
  if (run.session) data['session'] = run.session;
  if (session !== null) data['resumed'] = true;
  scope.evidence.add(...(await runEvidence(env, scope, run)));
  return run;
}

async function lookBack(env: ExecutorEnv, { task, ai, connector, attempt }: AttemptScope): Promise<EarlierAttempt> {
  // A run line is no conversation.
  if (task.run) return NOTHING_BEFORE;
  const attempts = await env.store.tasks.attempts(task.id);
  const before = attempts.filter(({ id }) => id !== attempt.id);
  const earlier = earlierAttempt(before, ai.id, env.store.clock.now());
  return connector.capabilities.resume ? earlier : { ...earlier, session: null };
}

async function promptOf(
  env: ExecutorEnv,
  { task, workspace, sandbox }: AttemptScope,
  earlier: EarlierAttempt,
): Promise<string> {
  // A run line is not a prompt: nobody would read the instructions.
  const instructions = task.run ? [] : await readInstructions(workspace);
  const answers = await describeAnswers(env.store.records.approvals, task.id);
  return buildPrompt(task, {
    instructions,
    answers,
    earlier,
    canAskForLocks: env.cli !== null && !sandbox.holdsAgent,
    isSandboxed: sandbox.holdsAgent,
  });
}

async function keepSessions(env: ExecutorEnv, { task, ai }: AttemptScope): Promise<string> {
  const folder = join(env.store.paths.sessions, task.id, ai.id);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  return folder;
}
