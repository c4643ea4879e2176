import type { Evidence, EvidenceDraft } from '@signalbox/audit';
import { kindsThatCount } from '../door/obligations.js';
import type { ExecutorEnv } from './env.js';

/** The evidence of one attempt as it gathers. */
export interface EvidenceLog {
  add(...drafts: readonly EvidenceDraft[]): void;
  /** The kinds gathered so far. */
  kinds(): string[];
  /** Of them those that count. */
  kindsThatCount(): string[];
  /** Records what has been added since the last time: before anything irreversible, and at the end. */
  flush(): Promise<void>;
  /** Everything recorded. */
  kept(): Evidence[];
}

export function openEvidenceLog(env: Pick<ExecutorEnv, 'evidence'>): EvidenceLog {
  const pending: EvidenceDraft[] = [];
  const kept: Evidence[] = [];
  return {
    add: (...drafts) => void pending.push(...drafts),
    kinds: () => [...kept, ...pending].map((item) => item.kind),
    kindsThatCount: () => kindsThatCount([...kept, ...pending]),
    flush: async () => void kept.push(...(await keepEvidence(env, pending.splice(0)))),
    kept: () => kept,
  };
}

/** Records evidence and its ledger entries in one transaction. */
export async function keepEvidence(
  env: Pick<ExecutorEnv, 'evidence'>,
  drafts: readonly EvidenceDraft[],
): Promise<Evidence[]> {
  if (drafts.length === 0) return [];
  return env.evidence.record([...drafts], (items) =>
    items.map(({ id, task, at, attempt, kind, producer, grade, tree, digest, size, summary }) => ({
      kind: 'evidence.collected',
      actor: 'system',
      subject: `task/${task}`,
      data: { id, at, attempt, kind, producer, grade, tree, digest, size, summary },
    })),
  );
}
