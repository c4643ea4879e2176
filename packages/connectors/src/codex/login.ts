import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@signalbox/kernel';
import { textAt } from '../claude-code/json-access.js';

/** Variables with a key for the provider, the first that is set wins. */
export const KEY_VARIABLES = ['CODEX_API_KEY', 'OPENAI_API_KEY'] as const;

const TOKEN_VARIABLE = 'CODEX_ACCESS_TOKEN';
const OPENAI_URL = 'https://api.openai.com/v1';

/** Where codex sends its requests. `keyVariable` is null where it sends no key. */
export interface Provider {
  baseUrl: string;
  keyVariable: string | null;
}

type Environment = Readonly<Record<string, string>>;

/**
 * The provider that a run is given; null leaves it to codex, which then uses the log-in in its own folder. A key or an
 * address of our own needs a provider of our own: codex's built-in one does not read `OPENAI_API_KEY`.
 */
export function chooseProvider(config: JsonObject, environment: Environment): Provider | null {
  const keyVariable = textAt(config, 'keyVariable') ?? KEY_VARIABLES.find((name) => environment[name]) ?? null;
  const told = textAt(config, 'baseUrl') ?? environment['OPENAI_BASE_URL'] ?? '';
  if (told === '' && keyVariable === null) return null;
  return { baseUrl: told === '' ? OPENAI_URL : told, keyVariable };
}

/** Whether codex can log in, by names alone: nothing is read that is secret. */
export function loginState(config: JsonObject, environment: Environment): 'ready' | 'missing' | 'unknown' {
  const provider = chooseProvider(config, environment);
  if (provider?.keyVariable) return environment[provider.keyVariable] ? 'ready' : 'missing';
  if (provider) return 'unknown'; // an address without a key: a model server that may or may not want one
  if (environment[TOKEN_VARIABLE]) return 'ready';
  const folder = textAt(config, 'configDir');
  return folder !== null && existsSync(join(folder, 'auth.json')) ? 'ready' : 'missing';
}
