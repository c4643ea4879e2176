import { canonicalJson, type JsonObject } from '@signalbox/kernel';
import * as z from 'zod';
import { AuditError } from '../errors.js';
import type { SigningKey } from '../signing/signing-key.js';
import type { VerifierKey } from '../signing/verifier-key.js';
import { type Envelope, openEnvelope, sealEnvelope } from './dsse.js';

export const STATEMENT_TYPE = 'https://in-toto.io/Statement/v1';
export const STATEMENT_PAYLOAD_TYPE = 'application/vnd.in-toto+json';

/** What a statement is about: something with a name and digests, such as `{gitTree: '…'}` or `{sha256: '…'}`. */
export interface StatementSubject {
  name: string;
  /** Algorithm to lower-case hexadecimal. */
  digest: Record<string, string>;
}

/** An in-toto Statement, version 1 (https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md). */
export interface Statement {
  _type: typeof STATEMENT_TYPE;
  subject: StatementSubject[];
  predicateType: string;
  predicate: JsonObject;
}

const StatementShape = z.object({
  _type: z.literal(STATEMENT_TYPE),
  subject: z
    .array(z.object({ name: z.string().default(''), digest: z.record(z.string(), z.string().regex(/^[0-9a-f]+$/)) }))
    .min(1)
    .refine((subjects) => subjects.every(({ digest }) => Object.keys(digest).length > 0), 'a subject without a digest'),
  predicateType: z.url(),
  predicate: z.record(z.string(), z.json()).default({}),
});

/** Puts a statement, as canonical JSON, into an envelope. Throws `STATEMENT_INVALID` for one that no reader would take. */
export function signStatement(statement: Statement, keys: readonly SigningKey[]): Envelope {
  return sealEnvelope(STATEMENT_PAYLOAD_TYPE, canonicalJson(checkShape(statement)), keys);
}

/** Checks the signatures, then reads. Throws `ENVELOPE_INVALID` or `STATEMENT_INVALID`. */
export function openStatement(
  envelope: Envelope,
  keys: readonly VerifierKey[],
  options: { predicateType?: string; threshold?: number } = {},
): Statement {
  const { predicateType, ...how } = options;
  const { payload } = openEnvelope(envelope, keys, { payloadType: STATEMENT_PAYLOAD_TYPE, ...how });
  const statement = checkShape(parseJson(payload));
  if (predicateType !== undefined && statement.predicateType !== predicateType) {
    throw invalid(`its predicate is of type ${statement.predicateType} and not ${predicateType}`);
  }
  return statement;
}

function checkShape(value: unknown): Statement {
  const parsed = StatementShape.safeParse(value);
  if (parsed.success) return parsed.data as Statement;
  const [issue] = parsed.error.issues;
  throw invalid(`${issue?.path.join('.') || 'it'}: ${issue?.message ?? 'invalid'}`);
}

function parseJson(payload: Buffer): unknown {
  try {
    return JSON.parse(payload.toString('utf8'));
  } catch {
    throw invalid('it is not JSON');
  }
}

function invalid(what: string): AuditError {
  return new AuditError({
    code: 'STATEMENT_INVALID',
    message: `This is not an in-toto statement, version 1: ${what}.`,
    hint: 'A statement has _type, subject with digests, predicateType and predicate.',
  });
}
