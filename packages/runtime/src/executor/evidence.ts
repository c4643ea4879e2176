import type { Evidence, EvidenceDraft } from '@signalbox/audit';
import type { ExecutorEnv } from './env.js';

/** Records evidence and its ledger entries in one transaction. */
export async function keepEvidence(
  env: Pick<ExecutorEnv, 'evidence'>,
  drafts: readonly EvidenceDraft[],
): Promise<Evidence[]> {
  if (drafts.length === 0) return [];
  return env.evidence.record([...drafts], (items) =>
    items.map(({ id, task, attempt, kind, producer, grade, tree, digest, size, summary }) => ({
      kind: 'evidence.collected',
      actor: 'system',
      subject: `task/${task}`,
      data: { id, attempt, kind, producer, grade, tree, digest, size, summary },
    })),
  );
}
