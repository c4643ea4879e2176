import { exportedEnvironment, probeSandbox } from '@signalbox/connectors';
import { readPolicy } from '../door/policy-files.js';
import { readConfig } from '../project/config.js';
import { sandboxDemand } from '../sandbox/demand.js';
import type { DoctorEnv, Finding } from './examine.js';

/** Whether a sandbox holds here, by trying one out. Bad only where this project lets nothing run without. */
export async function sandboxFinding(env: Pick<DoctorEnv, 'paths' | 'environment' | 'clock'>): Promise<Finding> {
  const probe = await probeSandbox({ environment: exportedEnvironment(env.environment), clock: env.clock });
  const demand = demandOf(env);
  if (!probe.works) {
    const state = demand?.kind === 'always' ? 'bad' : 'warn';
    const effect =
      demand?.kind === 'always' ? `${demand.by} demands one: no attempt begins` : 'a rule that demands one denies';
    return { name: 'sandbox', state, text: `${probe.reason}; ${effect}`, hint: probe.hint };
  }
  const text = [
    `bubblewrap ${probe.version ?? 'of unknown version'} holds what attempts write and read`,
    ...(demand === null ? ['nothing here demands it'] : []),
    ...(probe.nests ? [] : ['agents with a sandbox of their own, such as codex, stay outside of it']),
  ].join('; ');
  return { name: 'sandbox', state: 'good', text };
}

/** Null also for what cannot be read: another finding says so. */
function demandOf({ paths, environment, clock }: Pick<DoctorEnv, 'paths' | 'environment' | 'clock'>) {
  if (paths === null) return null;
  try {
    const policy = readPolicy(paths, clock.now(), environment['PATH'] ?? '');
    return sandboxDemand(readConfig(paths).sandbox, policy, clock.now());
  } catch {
    return null;
  }
}
