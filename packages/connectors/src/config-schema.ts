import type { JsonObject } from '@signalbox/kernel';
import { textAt } from './claude-code/json-access.js';

/** The member `env` that every built-in connector's configuration has. */
export const ENV_SCHEMA: JsonObject = {
  description: 'Names of environment variables to pass on to the agent; an entry may end with *.',
  type: 'array',
  items: { type: 'string', pattern: '^[A-Za-z_][A-Za-z0-9_]*\\*?$' },
};

/** `Connector.folders` of those whose configuration has the member `configDir`. */
export function configuredFolders(config: JsonObject): readonly string[] {
  const folder = textAt(config, 'configDir');
  return folder === null ? [] : [folder];
}
