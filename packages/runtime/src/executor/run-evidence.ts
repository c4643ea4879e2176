import type { EvidenceDraft } from '@signalbox/audit';
import { isSignalboxError } from '@signalbox/kernel';
import type { AttemptScope } from './attempt-scope.js';
import { collectContext } from './collect-context.js';
import type { ExecutorEnv } from './env.js';
import type { AgentRun } from './run-agent.js';

/** What the agent said of itself: its usage and its last words. Claimed, so it never decides. */
export async function runEvidence(env: ExecutorEnv, scope: AttemptScope, run: AgentRun): Promise<EvidenceDraft[]> {
  const drafts = await usageEvidence(env, scope, run);
  if (run.summary === '') return drafts;
  const blob = await scope.blobs.put(run.summary);
  const said: EvidenceDraft = {
    task: scope.task.id,
    attempt: scope.attempt.id,
    producer: `connector/${scope.connector.id}`,
    kind: scope.task.type === 'review' || scope.task.type === 'research' ? 'artefact' : 'log',
    grade: 'claimed',
    tree: null,
    ...blob,
    summary: { text: run.summary.slice(0, 2_000), exitCode: run.exitCode },
  };
  return [...drafts, said];
}

async function usageEvidence(env: ExecutorEnv, scope: AttemptScope, { usage }: AgentRun): Promise<EvidenceDraft[]> {
  if (Object.keys(usage).length === 0) return [];
  const { createUsageCollector } = await import('@signalbox/audit/collectors');
  const { task, attempt, workspace, blobs } = scope;
  const about = { task: task.id, attempt: attempt.id, folder: workspace.folder, tree: null, blobs };
  try {
    return await createUsageCollector({ usage }).collect(collectContext(env, about));
  } catch (error) {
    // An agent that miscounts is no reason to throw its work away; the trace keeps what it said.
    if (!isSignalboxError(error) || error.code !== 'COLLECT_FAILED') throw error;
    scope.trace.write('note', { text: `What the agent says that it used is not kept: ${error.message}` });
    return [];
  }
}
