export {
  type Checkpoint,
  createCheckpoint,
  originOf,
  parseCheckpoint,
  verifyCheckpoint,
} from './checkpoint/checkpoint.js';
export { checkpoints, storeCheckpoint } from './checkpoint/store.js';
export { AuditError, type AuditErrorCode } from './errors.js';
export { type BlobStore, openBlobStore, type StoredBlob } from './evidence/blob-store.js';
export {
  type Evidence,
  type EvidenceDraft,
  type EvidenceGrade,
  type EvidenceIndex,
  openEvidence,
} from './evidence/evidence.js';
export { type LedgerEntry, parseEntry } from './ledger/entry.js';
export { type Ledger, type LedgerEnvironment, openLedger, type TreeHead } from './ledger/ledger.js';
export type { LedgerFilter, LedgerLine } from './ledger/read.js';
export { redactJson, redactText } from './redact/redact.js';
export {
  createSigningKey,
  loadSigningKey,
  type SigningKey,
  saveSigningKey,
  verifierKey,
} from './signing/signing-key.js';
export { parseVerifierKey, type VerifierKey } from './signing/verifier-key.js';
export { exportLedger, verifyExport } from './verify/export.js';
export type { LineToVerify } from './verify/link.js';
export type { DamageKind, Finding, LedgerReport } from './verify/report.js';
export { verifyStoredLedger } from './verify/stored.js';
export { type VerifyOptions, verifyLedger } from './verify/verify-ledger.js';
