import type { JsonObject } from '@signalbox/kernel';
import type { Connector } from './contract.js';

/**
 * All problems of a configuration, each as one sentence that names the member; empty when it is fine. The schema library is
 * loaded on first use only.
 */
export async function checkConfig(connector: Connector, config: JsonObject): Promise<string[]> {
  const { checkAgainstSchema } = await import('./schema-check.js');
  return checkAgainstSchema(connector.configSchema, config);
}
