import { type Connector, environmentNamesOf, exportedEnvironment, type ProbeReport } from '@signalbox/connectors';
import { digestOf } from '@signalbox/kernel';
import type { AIInstance } from '@signalbox/router';
import type { ExecutorEnv } from './env.js';

/** What this process has found out about AIs, by AI and configuration. */
export type ProbeCache = Map<string, { at: number; report: Promise<ProbeReport> }>;

/** How long a probe is believed: it may start a program, and a queue is searched again whenever an attempt ends. */
const PROBE_LIFE_MS = 60_000;

export async function probeAI(
  env: Pick<ExecutorEnv, 'environment' | 'probes' | 'store'>,
  ai: AIInstance,
  connector: Connector,
): Promise<ProbeReport> {
  const { clock } = env.store;
  const key = `${ai.id} ${digestOf({ connector: connector.id, config: ai.config })}`;
  const now = clock.monotonic();
  const known = env.probes.get(key);
  if (known && now - known.at < PROBE_LIFE_MS) return known.report;
  const environment = exportedEnvironment(env.environment, environmentNamesOf(connector, ai.config));
  const report = connector.probe({ config: ai.config, environment, clock });
  const probed = { at: now, report };
  env.probes.set(key, probed);
  try {
    return await report;
  } catch (error) {
    if (env.probes.get(key) === probed) env.probes.delete(key);
    throw error;
  }
}
