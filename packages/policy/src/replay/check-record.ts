import * as z from 'zod';
import type { PolicyDecisionRecord } from '../record.js';
import type { PolicyRequest } from '../request.js';

/** What a replay relies on. Everything else of a record is only compared. */
const request = z.looseObject({
  subject: z.looseObject({
    kind: z.enum(['user', 'ai', 'workflow', 'system']),
    id: z.string(),
    labels: z.record(z.string(), z.string()).optional(),
  }),
  action: z.looseObject({
    name: z.string(),
    command: z.string().optional(),
    argv: z.array(z.string()).optional(),
    cwd: z.string().optional(),
  }),
  resource: z.looseObject({}),
  context: z.looseObject({
    task: z
      .looseObject({
        id: z.string(),
        type: z.string(),
        labels: z.record(z.string(), z.string()),
        locks: z.array(z.string()).optional(),
      })
      .optional(),
    headless: z.boolean(),
    ci: z.boolean(),
  }),
});

const answer = z.string().nullable();
const record = z.looseObject({
  id: z.string(),
  time: z.string(),
  decision: z.enum(['allow', 'ask', 'deny']),
  reasonCode: z.string(),
  reason: z.string(),
  request,
  layers: z
    .array(
      z.looseObject({
        scope: z.enum(['global', 'project', 'ai', 'override']),
        path: z.string(),
        digest: answer,
        state: z.enum(['loaded', 'untrusted', 'absent', 'invalid']),
      }),
    )
    .max(100),
  engine: z.looseObject({ name: z.string(), version: z.string(), algorithm: z.string(), language: z.string() }),
  determining: z.array(z.string()),
  errors: z.array(z.looseObject({ rule: z.string(), message: z.string() })),
  replay: z.looseObject({
    clock: z.string().refine((text) => !Number.isNaN(Date.parse(text)), 'This is no instant.'),
    workspace: z.string().startsWith('/'),
    facts: z.looseObject({
      realPaths: z.record(z.string(), answer),
      exists: z.record(z.string(), z.boolean()),
      programs: z.record(z.string(), answer),
    }),
  }),
});

/** A record of unknown origin: what it is, or what is wrong with it. */
export type CheckedRecord =
  | { readonly ok: true; readonly record: PolicyDecisionRecord; readonly request: PolicyRequest }
  | { readonly ok: false; readonly problems: string[] };

/** Checks what a replay relies on. Never throws, however the value is built. */
export function checkRecord(value: unknown): CheckedRecord {
  try {
    const result = record.safeParse(value);
    if (!result.success) {
      return { ok: false, problems: result.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
    }
    // The value itself and not zod's copy: a path may be called "__proto__".
    const trusted = value as PolicyDecisionRecord;
    return { ok: true, record: trusted, request: trusted.request as unknown as PolicyRequest };
  } catch {
    return {
      ok: false,
      problems: ['The record cannot be read: it is nested too deeply, or reading a part of it fails.'],
    };
  }
}
