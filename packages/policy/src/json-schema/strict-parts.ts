import type { Json, JsonObject } from '@signalbox/kernel';
import { ACTIONS } from '../attributes.js';

const DURATION: JsonObject = { type: 'string', pattern: '^\\d{1,9}(ms|s|m|h|d)$' };

/** The settings there are, with what each accepts. */
const SETTINGS: Readonly<Record<string, { description: string; value: JsonObject }>> = {
  sandbox: {
    description: 'How strictly the processes of agents are held.',
    value: { type: 'string', enum: ['none', 'workspace-write', 'read-only'] },
  },
  approval_wait: {
    description: 'How long the question of an agent waits for an answer, such as 30s, 10m or 2h.',
    value: DURATION,
  },
  approval_expiry: {
    description: 'How long an approval that was asked for can be answered, such as 24h.',
    value: { type: 'string', pattern: '^(?=.*[1-9])\\d{1,9}(ms|s|m|h|d)$' },
  },
  max_concurrent: {
    description: 'How many attempts run at the same time.',
    value: { type: 'integer', minimum: 1, maximum: Number.MAX_SAFE_INTEGER },
  },
};

/** The kinds of obligations, with what each accepts. */
const OBLIGATIONS: Readonly<Record<string, { description: string; value: JsonObject }>> = {
  sandbox: {
    description: 'The least strict sandbox in which it may happen.',
    value: { type: 'string', enum: ['none', 'workspace-write', 'read-only'] },
  },
  evidence: {
    description: 'A kind of evidence without which the task is not done, such as test-report.',
    value: { type: 'string', pattern: '\\S' },
  },
  approval: {
    description: 'Who has to agree first: "user" for any user, or "user:<login>".',
    value: { type: 'string', pattern: '^user(:\\S+)?$' },
  },
  reviewer: { description: 'Somebody other than the author has to agree.', value: { const: 'not-author' } },
  budget: {
    description: 'What the task may cost: "2 USD", "0.50 USD" or "100000 tokens".',
    value: { type: 'string', pattern: '^(?=.*[1-9])(\\d{1,9}(\\.\\d{1,6})? USD|\\d{1,15} tokens)$' },
  },
};

const EXPIRY = '^\\d{4}-\\d{2}-\\d{2}(T\\d{2}:\\d{2}(:\\d{2}(\\.\\d{1,3})?)?(Z|[+-]\\d{2}:\\d{2}))?$';

/** The entries of `on:`, groups after single actions. */
export function actionNames(): string[] {
  return [...ACTIONS, ...new Set(ACTIONS.map((action) => `${action.split('.')[0]}.*`))];
}

/** What the schema of the loader leaves to its compiler, by the path of the key. */
export const STRICT_PARTS: Readonly<Record<string, JsonObject>> = {
  'rules[].on[]': { enum: actionNames() },
  'rules[].expires': { pattern: EXPIRY },
  'exceptions[].expires': { pattern: EXPIRY },
  'rules[].obligations[]': { oneOf: Object.entries(OBLIGATIONS).map(([kind, each]) => obligationSchema(kind, each)) },
  'rules[]': {
    allOf: [
      { anyOf: [{ not: { required: ['command'] } }, { properties: { on: { items: { const: 'shell.run' } } } }] },
      {
        anyOf: [
          { properties: { effect: { not: { const: 'deny' } } } },
          { properties: { obligations: { maxItems: 0 } } },
        ],
      },
    ],
  },
};

function obligationSchema(
  kind: string,
  { description, value }: { description: string; value: JsonObject },
): JsonObject {
  return {
    title: kind,
    description,
    type: 'object',
    properties: { [kind]: { description, ...value } },
    required: [kind],
    additionalProperties: false,
  };
}

/** Puts a schema for each known setting in the place of one for any name. */
export function listSettings(settings: JsonObject): JsonObject {
  const { additionalProperties: any, propertyNames: _names, ...rest } = settings;
  const setting = any as JsonObject;
  const properties = Object.entries(SETTINGS).map(([name, { description, value }]): [string, Json] => {
    const own = setting['properties'] as JsonObject;
    return [name, { ...setting, title: name, description, properties: { ...own, value: { ...value } } }];
  });
  return { ...rest, properties: Object.fromEntries(properties), additionalProperties: false };
}
