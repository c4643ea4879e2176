export { type BackupSource, createBackup, describeBackup } from './backup/create-backup.js';
export { type BackupFile, type BackupManifest, readManifest } from './backup/manifest.js';
export {
  type RestoreOptions,
  type RestoreReport,
  restoreBackup,
  type StagedRestore,
  stageRestore,
} from './backup/restore-backup.js';
export { restoreRemains, resumeRestore } from './backup/resume-restore.js';
export { type BackupCheck, type BackupReport, requireSoundBackup, verifyBackup } from './backup/verify-backup.js';
export {
  type Checkpoint,
  createCheckpoint,
  originOf,
  parseCheckpoint,
  verifyCheckpoint,
} from './checkpoint/checkpoint.js';
export { checkpoints, storeCheckpoint } from './checkpoint/store.js';
export { AuditError, type AuditErrorCode } from './errors.js';
export {
  assessReport,
  type EvidenceOrigin,
  type FileFacts,
  gradeOf,
  type ReportAssessment,
  type ReportContext,
  type ReportDoubt,
  type ReportDoubtCode,
  type ReportFigures,
  type ReportRun,
} from './evidence/assess-report.js';
export {
  type AddedBlob,
  type BlobContent,
  type BlobLimits,
  type BlobRemoval,
  type BlobState,
  type BlobStore,
  openBlobStore,
  type StoredBlob,
} from './evidence/blob-store.js';
export { type CheckedBlob, checkBlobs } from './evidence/check-blobs.js';
export type { CollectContext, EvidenceCollector } from './evidence/collector.js';
export {
  type Evidence,
  type EvidenceDraft,
  type EvidenceGrade,
  type EvidenceIndex,
  openEvidence,
} from './evidence/evidence.js';
export { type BlobUsage, type LimitedBlobs, limitBlobs } from './evidence/limit-blobs.js';
export type { BlobMeasure } from './evidence/measure-blobs.js';
export type { Tombstone } from './evidence/tombstone.js';
export { type CursorBatch, type Cursors, openCursors } from './ledger/cursors.js';
export { type LedgerEntry, parseEntry } from './ledger/entry.js';
export { type FollowOptions, followLedger } from './ledger/follow.js';
export { type Ledger, type LedgerEnvironment, openLedger, type TreeHead } from './ledger/ledger.js';
export { readFileLines } from './ledger/line-file.js';
export { type ConsistencyProof, type InclusionProof, proveConsistency, proveInclusion } from './ledger/prove.js';
export type { LedgerFilter, LedgerLine } from './ledger/read.js';
export { type Recovery, recoverLineFile } from './ledger/recover.js';
export { type SealOptions, sealSegment } from './ledger/seal.js';
export { listSegments, type Segment } from './ledger/segment.js';
export { hashLeaf } from './merkle/leaf.js';
export {
  createConsistencyProof,
  createInclusionProof,
  verifyConsistencyProof,
  verifyInclusionProof,
} from './merkle/proof.js';
export { secretsOf } from './redact/environment.js';
export { redactJson, redactText } from './redact/redact.js';
export { createRedactor, type Redactor } from './redact/redactor.js';
export { createRotation, followRotations, readRotation } from './signing/rotation.js';
export {
  createSigningKey,
  loadSigningKey,
  type SigningKey,
  saveSigningKey,
  verifierKey,
} from './signing/signing-key.js';
export { allowedSignersLine, CHECKPOINT_NAMESPACE, signSsh, sshPublicKey, verifySsh } from './signing/sshsig.js';
export { parseVerifierKey, type VerifierKey } from './signing/verifier-key.js';
export { createRawLines, type RawLines } from './trace/raw-lines.js';
export { readTrace } from './trace/read-trace.js';
export { openTrace, type Trace, type TraceOptions } from './trace/trace.js';
export type { TraceFields, TraceRecord, TraceType } from './trace/trace-record.js';
export { exportLedger, verifyExport, verifyExportFile } from './verify/export.js';
export type { LineToVerify } from './verify/link.js';
export type { DamageKind, Finding, LedgerReport } from './verify/report.js';
export { type StoredVerification, verifyStoredLedger } from './verify/stored.js';
export { type VerifyOptions, verifyLedger } from './verify/verify-ledger.js';
