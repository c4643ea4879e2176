export { createReceipt, type ReceiptInput, type ReceiptLimits } from './create-receipt.js';
export {
  type Envelope,
  keyId,
  type OpenedEnvelope,
  openEnvelope,
  parseEnvelope,
  preAuthEncoding,
  sealEnvelope,
} from './dsse.js';
export {
  COMMAND_PREDICATE,
  createTestResultStatement,
  DIFF_PREDICATE,
  EVIDENCE_PREDICATE,
  evidenceStatement,
  type ResourceDescriptor,
  TEST_RESULT_PREDICATE,
} from './predicates.js';
export { proveEntries } from './prove-entries.js';
export type { ReceiptFault, ReceiptReport } from './receipt-report.js';
export { type ProvenEntry, RECEIPT_PAYLOAD_TYPE, type Receipt, type ReceiptEvidence } from './receipt-shape.js';
export {
  openStatement,
  STATEMENT_PAYLOAD_TYPE,
  STATEMENT_TYPE,
  type Statement,
  type StatementSubject,
  signStatement,
} from './statement.js';
export { verifyReceipt } from './verify-receipt.js';
