import * as z from 'zod';

// Members beyond those named are allowed: a later version adds facts, and a reader ignores what it does not know.
const text = z.string();
const name = z.string().min(1);
const count = z.int().min(0);
const time = z.iso.datetime({ precision: 3 });
const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);
const commit = z.string().regex(/^([0-9a-f]{40}|[0-9a-f]{64})$/);
const json = z.record(z.string(), z.json());
const labels = z.record(z.string(), z.string());
const effect = z.enum(['allow', 'ask', 'deny']);
const object = z.looseObject;

const failure = object({ class: name, message: text, resumeAt: z.number().optional() });
const block = object({ kind: z.enum(['dependency', 'lock', 'approval', 'quota', 'landing', 'human']) });
const lock = object({ glob: name, mode: z.enum(['exclusive', 'shared']) });
const run = z.union([object({ argv: z.array(text).min(1) }), object({ shell: name })]);
const landing = object({ ref: name, old: commit, new: commit });
const verdict = object({ pass: z.boolean(), reasons: z.array(object({ code: name, message: text })) });

/** What the end of a lease leaves behind, whichever way it ended. */
const settled = object({
  attempt: name.nullable(),
  fence: count.nullable(),
  outcome: z.enum(['succeeded', 'failed', 'blocked', 'released', 'lost']).nullable(),
  failure: failure.optional(),
  notBefore: time.optional(),
  verdict: verdict.optional(),
  because: text.optional(),
  recovered: z.boolean().optional(),
  landing: landing.optional(),
});

const created = object({
  title: name,
  description: text,
  type: name,
  run: run.nullable(),
  priority: z.int(),
  needs: z.array(name),
  locks: z.array(lock),
  labels,
  capabilities: z.array(name),
  ai: name.nullable(),
  checks: z.array(name),
  maxAttempts: z.int().min(1),
  status: name,
});

const task = {
  'task.created': created,
  'task.claimed': object({ holder: name, fence: count, expiresAt: time, locks: z.array(lock) }),
  'task.started': object({ attempt: name, number: z.int().min(1), fence: count, ai: name.nullable() }),
  'task.completed': settled,
  // Also without an attempt, when what it needs has failed.
  'task.failed': object({ ...settled.partial().shape, failure }),
  // Also without an attempt, as when a claim finds that it must wait.
  'task.blocked': object({ ...settled.partial().shape, blockedBy: z.array(block).min(1) }),
  // By the end of a lease, by an operator who broke it, or by a restore, which breaks them all.
  'task.requeued': z.union([settled, object({ status: name, by: z.enum(['operator', 'restore']) })]),
  'task.unblocked': object({}),
  // A person has looked at the work of an attempt, and lets this commit land.
  'task.accepted': object({ attempt: name, commit }),
  // The fields that were given new values, and the status that followed.
  'task.updated': object({ ...created.partial().shape, status: name }),
  'task.cancelled': z.union([settled, object({ reason: text.nullable() })]),
  'task.cancel_requested': object({ reason: text.nullable() }),
  'task.lock_added': lock,
  'task.lock_wanted': lock.extend({ attempt: name, holders: z.array(name) }),
  'task.expired': object({ status: name, failure: failure.nullable() }),
  'task.fenced': object({ status: name, fence: count.nullable() }),
};

const landings = {
  // Before the branch is there, it moves from nothing.
  'landing.intended': object({
    ...landing.shape,
    old: commit.nullable(),
    attempt: name.optional(),
    fence: count.optional(),
  }),
  'landing.prepared': object({ ref: name, commit }),
  'landing.landed': object({
    ...{ ref: name, commit, attempt: name.optional(), fence: count.optional() },
    recovered: z.boolean().optional(),
  }),
  'landing.accepted': object({ ref: name, commit }),
  'landing.reverted': object({ ref: name, commit, reverted: commit }),
  'landing.merged': object({ branch: name, from: commit, to: commit, commits: count }),
};

const workspace = {
  // Before the folder goes. `patches`: the evidence that holds what lay in it, all of it if `whole`.
  'workspace.discarded': object({
    ...{ name, attempt: name.nullable(), state: z.enum(['kept', 'quarantined']) },
    ...{ patches: z.array(digest), whole: z.boolean() },
  }),
};

const override = object({
  ...{ id: name, rule: name, effect: z.enum(['allow', 'ask']), reason: text, by: name, createdAt: time },
  ...{ ai: name.nullable(), task: name.nullable(), label: name.nullable(), expiresAt: time.nullable() },
});

const answer = object({
  effect: z.enum(['approve', 'reject']),
  scope: z.enum(['once', 'task', 'always']),
  ...{ by: name, at: time, reason: text.nullable() },
});

const approval = object({
  ...{ id: name, state: name, digest, decision: name, requester: name, task: name.nullable(), what: text },
  ...{ rules: z.array(name), approvers: z.array(name), authors: z.array(name), requestedAt: time, expiresAt: time },
  answer: answer.nullable(),
  usedFor: name.nullable(),
  requestDigest: digest,
  exactlyDigest: digest,
});

const policy = {
  'policy.decided': object({
    id: name,
    time,
    decision: effect,
    reasonCode: name,
    reason: text,
    request: json,
    inputDigest: digest,
    policyDigest: digest,
    layers: z.array(object({ scope: name, path: text, digest: digest.nullable(), state: name })),
    engine: object({ name, version: name }),
    matched: z.array(object({ rule: name, effect, at: name })),
    determining: z.array(name),
    exceptionsUsed: z.array(object({ rule: name, effect })),
    obligations: z.array(object({ kind: name, want: name, rule: name, state: z.enum(['met', 'unmet', 'pending']) })),
    errors: z.array(object({ rule: name, at: name, message: text })),
    normalised: object({}),
    replay: object({}),
  }),
  'policy.outcome': object({
    decision: name,
    enforced: z.boolean(),
    approval: name.nullish(),
    sandboxActual: text.nullish(),
    exit: z.int().nullish(),
    agrees: z.boolean(),
  }),
  // A text by which something is decided from here on.
  'policy.loaded': object({ scope: name, path: name, digest }),
  'policy.override_added': override,
  'policy.override_revoked': object({ ...override.shape, revoked: object({ by: name, at: time }) }),
  'approval.requested': approval,
  'approval.answered': object({ ...approval.shape, answer }),
  'approval.expired': approval,
  'approval.used': object({ ...approval.shape, usedFor: name }),
  'approval.given_back': object({ ...approval.shape, answer }),
  'agent.refused': object({ what: name }),
};

const ai = object({
  ...{ id: name, connector: name, labels, capabilities: z.array(name) },
  ...{ maxConcurrent: z.int().min(1), config: json },
});

const evidence = {
  'evidence.collected': object({
    ...{ id: name, at: time, attempt: name, kind: name, producer: name },
    grade: z.enum(['claimed', 'observed', 'verified']),
    tree: text.nullable(),
    digest,
    size: count,
    summary: json,
  }),
  // Before the content is deleted. `also` are the other pieces of evidence that have the same content.
  'evidence.removed': object({
    ...{ id: name, attempt: name, digest, size: count, reason: name, also: z.array(name) },
  }),
};

const log = {
  'log.created': object({ log: name, format: z.literal(1) }),
  // How many entries there were.
  'log.exported': object({ size: count }),
  'log.sealed': object({ first: z.int().min(1), last: z.int().min(1), file: name, bytes: count, digest }),
  'log.recovered': object({ file: name, lostBytes: z.int().min(1), lostLines: z.int().min(1), digest }),
  'key.rotated': object({ from: name, to: name, note: name }),
  'backup.made': object({ digest, bytes: count, size: count, keys: z.boolean().optional() }),
  // What had been anchored, if the restored log is another one or a shorter one.
  'backup.restored': object({
    ...{ digest, size: count, createdAt: time },
    anchor: object({ origin: name, size: count, root: name }).optional(),
  }),
};

/** The schema of the data of every kind of entry that Signalbox writes. */
export const ENTRY_SCHEMAS: Readonly<Record<string, z.ZodType>> = {
  ...task,
  ...landings,
  ...workspace,
  ...policy,
  'ai.registered': ai,
  'ai.labelled': ai,
  'ai.updated': ai,
  'ai.paused': object({ id: name, reason: text, until: time.nullable() }),
  'ai.resumed': object({ id: name }),
  'ai.removed': object({ id: name, connector: name }),
  ...evidence,
  ...log,
};
