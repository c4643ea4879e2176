import { RuntimeError } from '../errors.js';
import type { ConnectorSet } from './connector-set.js';

/** `UNKNOWN_CONNECTOR`, with the ids of those that there are and why others are not. */
export async function unknownConnector(connectors: ConnectorSet, id: string): Promise<RuntimeError> {
  const { offered, problems } = await connectors.list();
  return new RuntimeError({
    code: 'UNKNOWN_CONNECTOR',
    message: [`There is no connector "${id}".`, ...problems].join(' '),
    hint: `Use one of: ${offered.map(({ connector }) => connector.id).join(', ')}; others come as plugins (docs/connectors.md).`,
  });
}
