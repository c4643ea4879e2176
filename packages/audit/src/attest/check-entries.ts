import { readCheckpoint } from '../checkpoint/checkpoint.js';
import { type LedgerEntry, parseEntry, parseObject } from '../ledger/entry.js';
import { hashLeaf } from '../merkle/leaf.js';
import { verifyInclusionProof } from '../merkle/proof.js';
import { decodeBase64 } from '../signing/base64.js';
import { checkNote } from '../signing/signed-note.js';
import type { VerifierKey } from '../signing/verifier-key.js';
import { attempt, count, Fault, type ReceiptReport } from './receipt-report.js';
import type { ProvenEntry, Receipt } from './receipt-shape.js';

/** Follows every entry to the signed root. Returns what the entries say. */
export function checkEntries(receipt: Receipt, keys: readonly VerifierKey[], report: ReceiptReport): LedgerEntry[] {
  const read = readCheckpoint(receipt.checkpoint);
  if (!read) throw new Fault('checkpoint', 'It is no checkpoint.');
  if (!keys.some((key) => checkNote(read.note, key) === 'signed')) {
    throw new Fault('checkpoint', 'None of the given keys has signed it.');
  }
  const { origin, size, root, time } = read.checkpoint;
  const rootHash = Buffer.from(root, 'base64');
  const decisions = new Set(receipt.decisions.map(({ id }) => id));
  const entries: LedgerEntry[] = [];
  for (const { line, proof } of receipt.entries) {
    const where = `entry ${proof.seq}`;
    if (proof.seq <= (entries.at(-1)?.seq ?? 0)) throw new Fault(where, 'It does not come after the one before.');
    if (proof.size !== size)
      throw new Fault(where, `Its proof is for ${proof.size} entries, the checkpoint for ${size}.`);
    const hashes = hashesOf(where, proof);
    const claim = { leaf: hashLeaf(line), index: proof.seq - 1, size, root: rootHash };
    if (!verifyInclusionProof(hashes, claim)) throw new Fault(where, 'It is not in the log that the checkpoint signs.');
    const entry = attempt(where, () => parseEntry(proof.seq, line));
    if (Number(parseObject(line)?.['sequence']) !== proof.seq) throw new Fault(where, 'It has another number.');
    if (!isAbout(entry, String(receipt.task['id'])) && !(isDecision(entry) && decisions.has(entry.data['id'] ?? ''))) {
      throw new Fault(where, 'It is about something else than the task.');
    }
    entries.push(entry);
  }
  const when = time === undefined ? '' : `, signed at ${time}`;
  report.proved.push(
    `${count(entries.length, 'entry', 'entries')} about the task, exactly as here, stood in the log ${origin} when it had ${size}${when}.`,
  );
  return entries;
}

export function isDecision({ kind }: LedgerEntry): boolean {
  return kind === 'policy.decided';
}

function isAbout({ subject, data }: LedgerEntry, task: string): boolean {
  return subject === `task/${task}` || data['task'] === task;
}

function hashesOf(where: string, { hashes }: ProvenEntry['proof']): Buffer[] {
  return hashes.map((text) => {
    const bytes = decodeBase64(text);
    if (!bytes) throw new Fault(where, 'A hash of its proof is not base64.');
    return bytes;
  });
}
