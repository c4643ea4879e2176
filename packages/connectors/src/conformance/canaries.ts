import { randomToken } from '@signalbox/kernel';
import type { Connector } from '../contract.js';

/**
 * Puts a value that appears nowhere else into variables of this process while `body` runs: those that the connector wants to be
 * given, and one that nobody knows. Where it turns up, the environment of this process was read.
 */
export async function withCanaries<T>(connector: Connector, body: (canary: string) => Promise<T>): Promise<T> {
  const canary = randomToken('canary');
  const names = [
    'SIGNALBOX_CONFORMANCE_CANARY',
    ...connector.environmentNames.map((name) => name.replace('*', 'CANARY')),
  ];
  const before = names.map((name) => [name, process.env[name]] as const);
  for (const name of names) process.env[name] = canary;
  try {
    return await body(canary);
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}
