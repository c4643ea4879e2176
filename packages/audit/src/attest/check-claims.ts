import { canonicalJson, sha256 } from '@signalbox/kernel';
import type { Evidence } from '../evidence/evidence.js';
import type { LedgerEntry } from '../ledger/entry.js';
import { decodeBase64 } from '../signing/base64.js';
import type { VerifierKey } from '../signing/verifier-key.js';
import { isDecision } from './check-entries.js';
import { parseEnvelope } from './dsse.js';
import { evidenceStatement } from './predicates.js';
import { attempt, count, Fault, type ReceiptReport } from './receipt-report.js';
import type { Receipt, ReceiptEvidence } from './receipt-shape.js';
import { openStatement } from './statement.js';

const FIELDS = ['attempt', 'kind', 'producer', 'grade', 'tree', 'digest', 'size', 'at', 'summary'] as const;

/** Holds every piece of evidence against the entry that recorded it, its statement, and its content. */
export function checkReceiptEvidence(
  receipt: Receipt,
  entries: readonly LedgerEntry[],
  keys: readonly VerifierKey[],
  report: ReceiptReport,
): void {
  const recorded = new Map<string, LedgerEntry>();
  for (const entry of entries) if (entry.kind === 'evidence.collected') recorded.set(String(entry.data['id']), entry);
  const absent: string[] = [];
  for (const item of receipt.evidence) {
    const where = `evidence ${item.record.id}`;
    const entry = recorded.get(item.record.id);
    if (!entry) throw new Fault(where, 'No entry in this file recorded it.');
    recorded.delete(item.record.id);
    checkRecord(where, item.record, entry, String(receipt.task['id']));
    checkStatement(where, item, keys);
    if (!checkContent(where, item)) absent.push(`${item.record.id}: ${item.absent ?? 'It is not in this file.'}`);
  }
  const [left] = recorded.values();
  if (left) throw new Fault(`entry ${left.seq}`, 'The evidence that it recorded is left out, or is there twice.');
  const total = receipt.evidence.length;
  report.proved.push(
    `What is said of ${count(total, 'piece', 'pieces')} of evidence, grades included, is what the log recorded; the contents of ${total - absent.length} are in this file.`,
  );
  for (const each of absent) report.notProved.push(`What the evidence says whose content is not in this file. ${each}`);
}

/** Compares the policy decisions with the entries that recorded them. */
export function checkDecisions(receipt: Receipt, entries: readonly LedgerEntry[], report: ReceiptReport): void {
  const seen = new Set<unknown>();
  for (const decision of receipt.decisions) {
    const where = `decision ${String(decision['id'])}`;
    if (seen.has(decision['id'])) throw new Fault(where, 'It is there twice.');
    seen.add(decision['id']);
    const entry = entries.find((each) => isDecision(each) && each.data['id'] === decision['id']);
    if (!entry) throw new Fault(where, 'No entry in this file recorded it.');
    if (canonicalJson(entry.data) !== canonicalJson(decision)) {
      throw new Fault(where, `It is not what entry ${entry.seq} recorded.`);
    }
  }
  report.proved.push(
    `What is said of ${count(receipt.decisions.length, 'policy decision', 'policy decisions')} is what the log recorded.`,
  );
}

/** A verdict is proved if an entry has it, and no later one has another; without any it is the signer's word. */
export function checkVerdict({ verdict }: Receipt, entries: readonly LedgerEntry[], report: ReceiptReport): void {
  const entry = entries.findLast(({ data }) => data['verdict'] !== undefined);
  if (!entry && verdict === null) return;
  if (!entry) {
    report.notProved.push('That the verdict followed from the evidence: no entry has it, the signer says it.');
    return;
  }
  if (canonicalJson(entry.data['verdict']) !== canonicalJson(verdict)) {
    throw new Fault('verdict', `It is not the one that entry ${entry.seq}, the last with one, recorded.`);
  }
  report.proved.push(`The verdict is the one that entry ${entry.seq} recorded, and no later one here has another.`);
}

function checkRecord(where: string, record: Evidence, entry: LedgerEntry, task: string): void {
  if (record.task !== task || entry.subject !== `task/${task}`) throw new Fault(where, 'It is of another task.');
  const wrong = FIELDS.find((field) => canonicalJson(record[field]) !== canonicalJson(entry.data[field] ?? null));
  if (wrong) throw new Fault(where, `Its ${wrong} is not what entry ${entry.seq} recorded.`);
}

function checkStatement(where: string, { record, statement }: ReceiptEvidence, keys: readonly VerifierKey[]): void {
  const found = attempt(where, () => openStatement(parseEnvelope(statement), keys));
  if (canonicalJson(found) !== canonicalJson(evidenceStatement(record))) {
    throw new Fault(where, 'Its signed statement says something else.');
  }
}

/** False if the content is not in the file. */
function checkContent(where: string, { record, content }: ReceiptEvidence): boolean {
  if (content === undefined) return false;
  const bytes = decodeBase64(content);
  if (!bytes || sha256(bytes) !== record.digest || bytes.length !== record.size) {
    throw new Fault(where, 'Its content is not what was recorded.');
  }
  return true;
}
