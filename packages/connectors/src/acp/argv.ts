import type { JsonObject } from '@signalbox/kernel';

/** The command line of the agent; empty in a configuration that was not checked. */
export function argvOf(config: JsonObject): string[] {
  const argv = config['argv'];
  return Array.isArray(argv) ? argv.filter((part) => typeof part === 'string') : [];
}
