import { pathToFileURL } from 'node:url';
import type { ConformanceReport, ConformanceSubject } from '@signalbox/connectors/conformance';
import type { JsonObject } from '@signalbox/kernel';
import type { ExecutorEnv } from '../executor/env.js';
import type { OfferedConnector } from './connector-set.js';
import { unknownConnector } from './unknown-connector.js';

/**
 * Holds a connector to its contract, case by case. A plugin that names a module of scenarios is tested with its agent as well;
 * of any other connector, only what needs none. Throws `UNKNOWN_CONNECTOR`.
 */
export async function testConnector(
  { connectors }: Pick<ExecutorEnv, 'connectors'>,
  id: string,
  config: JsonObject | null = null,
): Promise<ConformanceReport> {
  const { offered } = await connectors.list();
  const found = offered.find(({ connector }) => connector.id === id);
  if (!found) throw await unknownConnector(connectors, id);
  const { checkConformance } = await import('@signalbox/connectors/conformance');
  return checkConformance({ ...(await subjectOf(found)), ...(config === null ? {} : { config }) });
}

/** The module's default export: what to test with, by the ids of connectors. */
type Subjects = Record<string, Omit<ConformanceSubject, 'connector'>>;

async function subjectOf({ connector, plugin }: OfferedConnector): Promise<ConformanceSubject> {
  if (plugin?.conformance === undefined) return { connector };
  const { default: subjects } = (await import(pathToFileURL(plugin.conformance).href)) as { default?: Subjects };
  return { ...subjects?.[connector.id], connector };
}
