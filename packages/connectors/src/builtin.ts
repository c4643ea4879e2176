import { acpConnector } from './acp/connector.js';
import { claudeCodeConnector } from './claude-code/connector.js';
import { codexConnector } from './codex/connector.js';
import { commandConnector } from './command/connector.js';
import type { Connector } from './contract.js';

/** The connectors that come with this package. */
export const builtinConnectors: readonly Connector[] = [
  claudeCodeConnector,
  codexConnector,
  acpConnector,
  commandConnector,
];

/** The built-in connector with this id, or null. */
export function findConnector(id: string): Connector | null {
  return builtinConnectors.find((connector) => connector.id === id) ?? null;
}
