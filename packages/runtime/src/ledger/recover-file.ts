import { type Recovery, recoverLineFile } from '@signalbox/audit';
import { agentMarker } from '@signalbox/connectors';
import { createIds, systemClock } from '@signalbox/kernel';
import { RuntimeError } from '../errors.js';

/**
 * Cuts the torn last line off a file of entries and puts one in its place that counts what was lost. Undefined if its last line
 * is whole. For a person: an agent would be changing what is evidence of its work. Throws audit's `LEDGER_DAMAGED`.
 */
export function recoverFile(file: string, environment: NodeJS.ProcessEnv, clock = systemClock): Recovery | undefined {
  const marker = agentMarker(environment);
  if (marker) {
    throw new RuntimeError({
      code: 'AGENT_REFUSED',
      message: `An AI may not recover a file of the ledger; this process runs for ai:${marker.ai}.`,
      hint: 'A person must do it, in a shell of their own.',
    });
  }
  return recoverLineFile(file, { clock, ids: createIds(clock), source: 'signalbox' });
}
