import { type Connector, environmentNamesOf, exportedEnvironment, type ProbeReport } from '@signalbox/connectors';
import { digestOf, isSignalboxError } from '@signalbox/kernel';
import type { AIInstance } from '@signalbox/router';
import type { ExecutorEnv } from './env.js';

/** What this process has found out about AIs, by AI and configuration. */
export type ProbeCache = Map<string, { at: number; report: Promise<ProbeReport> }>;

/** How long a probe is believed: it may start a program, and a queue is searched again whenever an attempt ends. */
export const PROBE_LIFE_MS = 60_000;

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
    const found = await report;
    await keepProbe(env, ai.id, found);
    return found;
  } catch (error) {
    if (env.probes.get(key) === probed) env.probes.delete(key);
    throw error;
  }
}

/** So that others see it who do not probe: what `ai list` shows, and what the router believes. */
export async function keepProbe({ store }: Pick<ExecutorEnv, 'store'>, ai: string, report: ProbeReport): Promise<void> {
  const capabilities = Object.entries(report.capabilities);
  const named = (has: boolean) => capabilities.filter(([, value]) => value === has).map(([name]) => name);
  const findings = {
    at: store.clock.now(),
    ok: report.installed && report.login !== 'missing',
    version: report.version ?? null,
    capabilities: named(true),
    lacks: named(false),
    problems: report.problems,
  };
  try {
    await store.ais.probed(ai, findings);
  } catch (error) {
    // It was removed meanwhile.
    if (!isSignalboxError(error) || error.code !== 'AI_NOT_FOUND') throw error;
  }
}
