import type { JsonObject } from '@signalbox/kernel';

/** The member `env` that every built-in connector's configuration has. */
export const ENV_SCHEMA: JsonObject = {
  description: 'Names of environment variables to pass on to the agent; an entry may end with *.',
  type: 'array',
  items: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*\\*?$' },
};
