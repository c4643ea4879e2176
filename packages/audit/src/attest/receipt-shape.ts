import type { JsonObject } from '@signalbox/kernel';
import * as z from 'zod';
import type { Evidence } from '../evidence/evidence.js';
import type { Envelope } from './dsse.js';

export const RECEIPT_PAYLOAD_TYPE = 'application/vnd.signalbox.receipt+json';

/** One line of the ledger and the way from it to the root of the checkpoint. */
export interface ProvenEntry {
  /** Exactly as the ledger has it, without a newline. */
  line: string;
  /** As `proveInclusion` makes it: `seq` from 1, `hashes` in base64, the deepest first. */
  proof: { seq: number; size: number; hashes: string[] };
}

export interface ReceiptEvidence {
  record: Evidence;
  /** Base64 of the content, if it is small and still there. */
  content?: string;
  /** Why the content is not in the file: too large, removed, or lost. Absent if it is. */
  absent?: string;
  /** The in-toto statement of the record, signed. */
  statement: Envelope;
}

/** Everything that is known of one task, in one file. */
export interface Receipt {
  receipt: 1;
  /** ISO 8601 in UTC. */
  createdAt: string;
  /** Has at least `id`. */
  task: JsonObject;
  attempts: JsonObject[];
  /** Policy decision records, each as its entry recorded it. */
  decisions: JsonObject[];
  verdict: JsonObject | null;
  evidence: ReceiptEvidence[];
  /** Entries about the task, by rising `seq`. */
  entries: ProvenEntry[];
  /** The signed note that every proof leads to. */
  checkpoint: string;
}

const json = z.record(z.string(), z.json());
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const count = z.int().nonnegative();
const Record = z.strictObject({
  id: z.string(),
  task: z.string(),
  attempt: z.string(),
  kind: z.string(),
  producer: z.string(),
  grade: z.enum(['claimed', 'observed', 'verified']),
  tree: z.string().nullable(),
  digest,
  size: count,
  at: z.string(),
  summary: json,
});

export const ReceiptShape = z.strictObject({
  receipt: z.literal(1),
  // It stands in a sentence of the report.
  createdAt: z.iso.datetime({ precision: 3 }),
  task: json.refine((task) => typeof task['id'] === 'string', 'a task has an id'),
  attempts: z.array(json),
  decisions: z.array(json),
  verdict: json.nullable(),
  evidence: z.array(
    z.strictObject({ record: Record, content: z.string().optional(), absent: z.string().optional(), statement: json }),
  ),
  entries: z.array(
    z.strictObject({
      line: z.string(),
      proof: z.strictObject({ seq: z.int().positive(), size: z.int().positive(), hashes: z.array(z.string()) }),
    }),
  ),
  checkpoint: z.string(),
});
