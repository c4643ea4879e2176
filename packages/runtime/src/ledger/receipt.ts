import type { LedgerEntry, VerifierKey } from '@signalbox/audit';
import type { ReceiptReport } from '@signalbox/audit/attest';
import type { JsonObject } from '@signalbox/kernel';
import type { Signalbox } from '../signalbox.js';
import { openSigningKey, readVerifiers } from './keys.js';

type ReceiptEnv = Pick<Signalbox, 'store' | 'ledger' | 'door' | 'actor' | 'executor'>;

/**
 * Everything that is known of one task as one file: its evidence as signed in-toto statements, its entries with their proofs to
 * a signed checkpoint, the decisions about it and its verdict. `task` is a full id. For a person: it signs. Throws
 * `RECEIPT_INVALID` if what is stored does not fit together.
 */
export async function exportReceipt(env: ReceiptEnv, task: string): Promise<string> {
  env.door.refuseAgents(env.actor, 'sign a receipt');
  const { createReceipt, proveEntries } = await import('@signalbox/audit/attest');
  const { store, executor } = env;
  const about = (await store.tasks.get(task)) ?? { id: task };
  const attempts = await store.tasks.attempts(task);
  const { checkpoint, note } = await env.ledger.checkpoint();
  const evidence = await store.evidence.list({ task });
  const entries = entriesAbout(env, task).filter(({ seq }) => seq <= checkpoint.size);
  const seqs = entries.map(({ seq }) => seq);
  const verdict = entries.findLast(({ data }) => data['verdict'] !== undefined)?.data['verdict'] ?? null;
  return createReceipt(
    {
      task: asJson(about),
      attempts: attempts.map(asJson),
      decisions: entries.filter(({ kind }) => kind === 'policy.decided').map(({ data }) => data),
      verdict: verdict as JsonObject | null,
      evidence,
      entries: proveEntries(store.ledger, seqs, checkpoint.size),
      checkpoint: note,
      blobs: executor.blobs,
      createdAt: store.clock.now(),
    },
    openSigningKey(store.paths),
  );
}

/**
 * The entries about a task, and the decision by which it was created: that stands right before, under the project, since the
 * task had no id when it was asked for.
 */
function entriesAbout({ store }: Pick<ReceiptEnv, 'store'>, task: string): LedgerEntry[] {
  const entries = store.ledger.read({ task });
  const created = entries.find(({ kind }) => kind === 'task.created');
  const before = created && created.seq > 1 ? store.ledger.read({ after: created.seq - 2, limit: 1 })[0] : undefined;
  const isDecision = before?.kind === 'policy.decided' && before.subject === 'project';
  return isDecision && actionOf(before) === 'task.create' ? [before, ...entries] : entries;
}

function actionOf({ data }: LedgerEntry): unknown {
  const request = data['request'] as { action?: { name?: string } } | undefined;
  return request?.action?.name;
}

/** Checks a receipt with nothing but its text and the keys, one of which must have signed it. */
export async function checkReceipt(text: string, keys: readonly VerifierKey[]): Promise<ReceiptReport> {
  const { verifyReceipt } = await import('@signalbox/audit/attest');
  return verifyReceipt(text, keys);
}

/** The keys that a project knows, for a receipt of its own. */
export const projectKeys = readVerifiers;

function asJson(value: unknown): JsonObject {
  return JSON.parse(JSON.stringify(value)) as JsonObject;
}
