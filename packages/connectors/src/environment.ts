import type { JsonObject } from '@signalbox/kernel';
import type { Connector } from './contract.js';

/**
 * What every agent and every check may see of our environment: enough to find programs, speak the user's language and pass
 * a proxy. Credentials reach an agent only by its connector's own names or its AI's configuration.
 */
export const COMMON_ENVIRONMENT_NAMES: readonly string[] = [
  ...['PATH', 'HOME', 'LANG', 'LC_ALL', 'TERM', 'TMPDIR', 'SHELL', 'USER', 'LOGNAME'],
  ...['HTTP_PROXY', 'HTTPS_PROXY', 'NO_PROXY', 'http_proxy', 'https_proxy', 'no_proxy'],
];

/** Picks from `base` what the common list and `extraNames` allow. An entry of `extraNames` may end with `*`. */
export function exportedEnvironment(
  base: Readonly<NodeJS.ProcessEnv>,
  extraNames: readonly string[] = [],
): Record<string, string> {
  const names = new Set([...COMMON_ENVIRONMENT_NAMES, ...extraNames]);
  const prefixes = extraNames.filter((name) => name.endsWith('*')).map((name) => name.slice(0, -1));
  const exported: Record<string, string> = {};
  for (const [name, value] of Object.entries(base)) {
    if (value === undefined) continue;
    if (names.has(name) || prefixes.some((prefix) => name.startsWith(prefix))) exported[name] = value;
  }
  return exported;
}

/** The names that an AI's agent may see beyond the common list: its connector's and those of `env` in its configuration. */
export function environmentNamesOf(connector: Connector, config: JsonObject): string[] {
  const own = Array.isArray(config['env']) ? config['env'].filter((name) => typeof name === 'string') : [];
  return [...connector.environmentNames, ...own];
}
