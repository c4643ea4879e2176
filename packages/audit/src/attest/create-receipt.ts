import { canonicalJson, isoTime, type JsonObject } from '@signalbox/kernel';
import { AuditError } from '../errors.js';
import type { BlobStore } from '../evidence/blob-store.js';
import type { Evidence } from '../evidence/evidence.js';
import type { SigningKey } from '../signing/signing-key.js';
import { sealEnvelope } from './dsse.js';
import { evidenceStatement } from './predicates.js';
import { type ProvenEntry, RECEIPT_PAYLOAD_TYPE, type Receipt, type ReceiptEvidence } from './receipt-shape.js';
import { signStatement } from './statement.js';
import { verifyReceipt } from './verify-receipt.js';

/** Everything here is already redacted: it comes from the stores. */
export interface ReceiptInput {
  /** Has at least `id`. */
  task: JsonObject;
  attempts: readonly JsonObject[];
  decisions: readonly JsonObject[];
  verdict: JsonObject | null;
  evidence: readonly Evidence[];
  /** The entries about the task, by rising `seq`, each with a proof to `checkpoint`. */
  entries: readonly ProvenEntry[];
  /** A checkpoint of the ledger, signed by `key`, at which or after which the entries were written. */
  checkpoint: string;
  /** Where the contents of the evidence are. */
  blobs: Pick<BlobStore, 'check' | 'get'>;
  /** Milliseconds since the epoch. */
  createdAt: number;
}

export interface ReceiptLimits {
  /** Larger contents are not put into the file. Bytes; default 64 KiB. */
  maxContentBytes?: number;
  /** All contents together; the earliest evidence goes first. Bytes; default 4 MiB. */
  maxTotalBytes?: number;
}

const MAX_CONTENT = 64 * 1024;
const MAX_TOTAL = 4 * 1024 * 1024;

/**
 * Writes the receipt of a task: one line of canonical JSON, a DSSE envelope around a {@link Receipt}, which whoever has the
 * public key checks without anything else. Throws `RECEIPT_INVALID` if the parts do not fit, so that no receipt is handed out
 * that does not verify.
 */
export async function createReceipt(input: ReceiptInput, key: SigningKey, limits: ReceiptLimits = {}): Promise<string> {
  const { maxContentBytes = MAX_CONTENT, maxTotalBytes = MAX_TOTAL } = limits;
  const evidence: ReceiptEvidence[] = [];
  let left = maxTotalBytes;
  for (const record of input.evidence) {
    const content = await readContent(input.blobs, record, Math.min(left, maxContentBytes));
    if ('bytes' in content) left -= content.bytes.length;
    evidence.push({
      record,
      ...('bytes' in content ? { content: content.bytes.toString('base64') } : { absent: content.absent }),
      statement: signStatement(evidenceStatement(record), [key]),
    });
  }
  const { task, verdict, checkpoint } = input;
  const receipt: Receipt = {
    receipt: 1,
    createdAt: isoTime(input.createdAt),
    task,
    attempts: [...input.attempts],
    decisions: [...input.decisions],
    verdict,
    evidence,
    entries: [...input.entries],
    checkpoint,
  };
  const text = `${canonicalJson(sealEnvelope(RECEIPT_PAYLOAD_TYPE, canonicalJson(receipt), [key]))}\n`;
  const report = verifyReceipt(text, key.verifier);
  if (report.ok) return text;
  throw new AuditError({
    code: 'RECEIPT_INVALID',
    message: `The parts of the receipt do not fit together: ${report.firstBad?.reason ?? ''}`,
    hint: 'Read the entries, the proofs and the evidence again, after a new checkpoint; then run `signalbox audit verify`.',
    details: { where: report.firstBad?.where ?? '' },
  });
}

async function readContent(
  blobs: ReceiptInput['blobs'],
  { digest, size }: Evidence,
  maxBytes: number,
): Promise<{ bytes: Buffer } | { absent: string }> {
  const found = await blobs.check(digest);
  if (found.state === 'removed') {
    return { absent: `It was removed, on ${found.tombstone.removedAt}, because ${found.tombstone.reason}.` };
  }
  if (found.state !== 'whole')
    return { absent: found.state === 'missing' ? 'It is lost.' : 'It was changed on the disk.' };
  if (size > maxBytes) return { absent: 'It is too large for this file.' };
  return { bytes: await blobs.get(digest) };
}
