import { canonicalJson, isSignalboxError, type Json } from '@signalbox/kernel';
import type { VerifierKey } from '../signing/verifier-key.js';
import { checkDecisions, checkReceiptEvidence, checkVerdict } from './check-claims.js';
import { checkEntries } from './check-entries.js';
import { keyId, openEnvelope, parseEnvelope } from './dsse.js';
import { attempt, Fault, type ReceiptReport } from './receipt-report.js';
import { RECEIPT_PAYLOAD_TYPE, type Receipt, ReceiptShape } from './receipt-shape.js';

/** A larger file is not read. UTF-16 code units. */
const MAX_LENGTH = 64 * 1024 * 1024;

/**
 * Checks a receipt with nothing but its text and the public key, or all keys that the log has had. Says in words what was
 * proved and what was not, and names the first thing that is wrong; never throws for a bad receipt.
 */
export function verifyReceipt(text: string, keys: VerifierKey | readonly VerifierKey[]): ReceiptReport {
  const trusted = 'publicKey' in keys ? [keys] : keys;
  const report: ReceiptReport = { ok: false, proved: [], notProved: [] };
  try {
    const { receipt, signer } = openReceipt(text, trusted);
    report.task = String(receipt.task['id']);
    report.signer = signer;
    report.proved.push(`The file is unchanged since ${signer} signed it at ${receipt.createdAt}, by its own clock.`);
    const proven = checkEntries(receipt, trusted, report);
    checkReceiptEvidence(receipt, proven, trusted, report);
    checkDecisions(receipt, proven, report);
    checkVerdict(receipt, proven, report);
    report.ok = true;
  } catch (error) {
    if (error instanceof Fault) report.firstBad = { where: error.where, reason: error.message };
    else if (isSignalboxError(error)) report.firstBad = { where: 'receipt', reason: error.message };
    else throw error;
  }
  report.notProved.push(
    'What it says of the task and its attempts beyond these entries: the signer says it.',
    'That nothing about the task is left out: entries that are not in this file may exist.',
    'That the log was not forked or cut after its checkpoint: compare that with an anchor from elsewhere.',
    'Whose the key is: compare it with one that you got by another way.',
  );
  return report;
}

/** Two readers must not read two things in it, as with a member that is there twice. */
function readPayload(payload: Buffer): unknown {
  const value = JSON.parse(payload.toString('utf8')) as Json;
  if (!Buffer.from(canonicalJson(value)).equals(payload)) {
    throw new Fault('receipt', 'It is not written as a receipt is, although its signature is good.');
  }
  return value;
}

/** Takes only the exact bytes that were written: no other spelling of the same JSON, no other key id, no more signatures. */
function openReceipt(text: string, keys: readonly VerifierKey[]): { receipt: Receipt; signer: string } {
  if (text.length > MAX_LENGTH) throw new Fault('envelope', `The file is longer than ${MAX_LENGTH} characters.`);
  const { envelope, opened } = attempt('envelope', () => {
    const envelope = parseEnvelope(text);
    return { envelope, opened: openEnvelope(envelope, keys, { payloadType: RECEIPT_PAYLOAD_TYPE }) };
  });
  const [signature, ...more] = envelope.signatures;
  const [signer] = opened.signers.map(keyId);
  const payload = opened.payload.toString('base64');
  const sig = Buffer.from(signature?.sig ?? '', 'base64').toString('base64');
  const exact = { payload, payloadType: RECEIPT_PAYLOAD_TYPE, signatures: [{ keyid: signer, sig }] };
  if (more.length > 0 || !signer || `${canonicalJson(exact)}\n` !== text) {
    throw new Fault('envelope', 'The file is not written as a receipt is, although its signature is good.');
  }
  const parsed = attempt('receipt', () => ReceiptShape.safeParse(readPayload(opened.payload)));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new Fault('receipt', `${issue?.path.join('.') || 'The receipt'}: ${issue?.message ?? 'invalid'}.`);
  }
  return { receipt: parsed.data as unknown as Receipt, signer };
}
