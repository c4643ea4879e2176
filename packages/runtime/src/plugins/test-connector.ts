import { pathToFileURL } from 'node:url';
import type { Connector } from '@signalbox/connectors';
import type { ConformanceReport, ConformanceSubject } from '@signalbox/connectors/conformance';
import type { JsonObject } from '@signalbox/kernel';
import { RuntimeError } from '../errors.js';
import type { ExecutorEnv } from '../executor/env.js';
import type { OfferedConnector } from './connector-set.js';

/**
 * Holds a connector to its contract, case by case. A plugin that names a module of scenarios is tested with its agent as well;
 * of any other connector, only what needs none. Throws `UNKNOWN_CONNECTOR`.
 */
export async function testConnector(
  { connectors }: Pick<ExecutorEnv, 'connectors'>,
  id: string,
  config: JsonObject | null = null,
): Promise<ConformanceReport> {
  const { offered, problems } = await connectors.list();
  const found = offered.find(({ connector }) => connector.id === id);
  if (!found) throw unknown(id, offered, problems);
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

function unknown(id: string, offered: readonly { connector: Connector }[], problems: string[]): RuntimeError {
  return new RuntimeError({
    code: 'UNKNOWN_CONNECTOR',
    message: [`There is no connector "${id}".`, ...problems].join(' '),
    hint: `Use one of: ${offered.map(({ connector }) => connector.id).join(', ')}; others come as plugins (docs/connectors.md).`,
  });
}
