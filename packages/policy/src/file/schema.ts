import * as z from 'zod';

/** Of rules, exceptions or tests in one file; people write a few hundred. */
export const MAX_ENTRIES = 5000;

export const SCOPES = ['global', 'project', 'ai'] as const;

const effect = z.enum(['allow', 'ask', 'deny']);
const scope = z.enum(SCOPES);
const labels = z.record(z.string(), z.string());

const token = z.union([z.string(), z.array(z.string()).min(1)], {
  error: 'A token is text or a list of texts; put numbers, true and null in quotes.',
});

const rule = z.strictObject({
  id: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'An id is up to 64 of a-z, 0-9, ".", "_" and "-".'),
  effect,
  on: z.array(z.string()).min(1),
  when: z.string().optional(),
  unless: z.string().optional(),
  command: z.strictObject({ argv: z.array(token).min(1) }).optional(),
  reason: z.string().max(500).optional(),
  mode: z.enum(['enforce', 'audit']).default('enforce'),
  enforce: z.enum(['required', 'best-effort']).default('required'),
  overridable_by: z.array(scope).default([]),
  expires: z.string().optional(),
  obligations: z.array(z.record(z.string(), z.string())).default([]),
});

const exception = z.strictObject({
  rule: z.string().regex(/^(global|project|ai)\/.+$/, 'Name the rule in full, such as global/ask-installs.'),
  effect: z.enum(['allow', 'ask']),
  when: z.string().optional(),
  reason: z.string().max(500).optional(),
  by: z.string().optional(),
  ticket: z.string().optional(),
  expires: z.string().optional(),
});

const setting = z.strictObject({
  value: z.union([z.string(), z.number()], { error: 'A setting is text or a number.' }),
  locked: z.boolean().default(false),
  cap: z.literal('min').optional(),
});

const test = z.strictObject({
  request: z.strictObject({
    on: z.string(),
    command: z.string().optional(),
    argv: z.array(z.string()).min(1).optional(),
    cwd: z.string().optional(),
    server: z.string().optional(),
    tool: z.string().optional(),
    path: z.string().optional(),
    host: z.string().optional(),
    port: z.int().optional(),
    scheme: z.string().optional(),
    origin: z.literal('user').optional(),
    resource: z.record(z.string(), z.json()).optional(),
    subject: z.strictObject({ kind: z.enum(['user', 'ai', 'workflow', 'system']), id: z.string() }).optional(),
    labels: labels.optional(),
    locks: z.array(z.string()).optional(),
    headless: z.boolean().default(false),
    ci: z.boolean().default(false),
  }),
  expect: effect,
});

export const policyFile = z.strictObject({
  version: z.literal(1),
  scope,
  default: effect.optional(),
  settings: z.record(z.string(), setting).default({}),
  rules: z.array(rule).default([]),
  exceptions: z.array(exception).default([]),
  tests: z.array(test).default([]),
});

export type PolicyFile = z.infer<typeof policyFile>;
export type RuleEntry = PolicyFile['rules'][number];
export type ExceptionEntry = PolicyFile['exceptions'][number];
export type TestEntry = PolicyFile['tests'][number];

/** The keys that may stand in the map at a path of the file, for suggestions. */
export function keysAt(path: readonly PropertyKey[]): string[] {
  const [section, , inner] = path;
  if (section === undefined) return Object.keys(policyFile.shape);
  if (section === 'settings') return Object.keys(setting.shape);
  if (section === 'exceptions') return Object.keys(exception.shape);
  if (section === 'rules') return inner === 'command' ? ['argv'] : Object.keys(rule.shape);
  if (section === 'tests') return Object.keys(inner === 'request' ? test.shape.request.shape : test.shape);
  return [];
}
