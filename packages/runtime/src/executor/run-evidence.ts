import type { EvidenceDraft } from '@signalbox/audit';
import type { AttemptScope } from './attempt-scope.js';
import type { ExecutorEnv } from './env.js';
import type { AgentRun } from './run-agent.js';

/** What the agent said of itself: its usage and its last words. Claimed, so it never decides. */
export async function runEvidence(env: ExecutorEnv, scope: AttemptScope, run: AgentRun): Promise<EvidenceDraft[]> {
  const about = {
    task: scope.task.id,
    attempt: scope.attempt.id,
    producer: `connector/${scope.connector.id}`,
    tree: null,
  };
  const drafts: EvidenceDraft[] = [];
  if (Object.keys(run.usage).length > 0) {
    const blob = await env.blobs.put(JSON.stringify(run.usage));
    drafts.push({ ...about, kind: 'usage', grade: 'claimed', ...blob, summary: { ...run.usage } });
  }
  if (run.summary !== '') {
    const blob = await env.blobs.put(run.summary);
    const kind = scope.task.type === 'review' || scope.task.type === 'research' ? 'artefact' : 'log';
    drafts.push({
      ...about,
      kind,
      grade: 'claimed',
      ...blob,
      summary: { text: run.summary.slice(0, 2_000), exitCode: run.exitCode },
    });
  }
  return drafts;
}
