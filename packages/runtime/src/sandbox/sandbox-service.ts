import { exportedEnvironment, type ProbeReport, probeSandbox, type SandboxProbe } from '@signalbox/connectors';
import type { Clock } from '@signalbox/kernel';
import type { Policy } from '@signalbox/policy';
import type { SandboxConfig } from '../project/sandbox-config.js';
import { sandboxDemand } from './demand.js';

/** What is demanded of sandboxes in this project, and what works here. */
export interface SandboxService {
  config: SandboxConfig;
  /** Believed for a minute: it starts programs, and a queue is searched again whenever an attempt ends. */
  probe(): Promise<SandboxProbe>;
}

const PROBE_LIFE_MS = 60_000;

export function createSandboxService(
  config: SandboxConfig,
  { clock, environment }: { clock: Clock; environment: NodeJS.ProcessEnv },
): SandboxService {
  let known: { at: number; probe: Promise<SandboxProbe> } | null = null;
  return {
    config,
    probe() {
      const now = clock.monotonic();
      if (known === null || now - known.at >= PROBE_LIFE_MS) {
        known = { at: now, probe: probeSandbox({ environment: exportedEnvironment(environment), clock }) };
      }
      return known.probe;
    },
  };
}

interface Seeker {
  sandbox: SandboxService;
  store: { clock: Clock };
}

/** Why no attempt may begin under this policy, in a sentence or two; null where one may. */
export async function sandboxProblem(env: Seeker, policy: Policy): Promise<string | null> {
  const demand = sandboxDemand(env.sandbox.config, policy, env.store.clock.now());
  if (demand?.kind !== 'always') return null;
  if (demand.mode === 'read-only') {
    return `${demand.by} demands a sandbox that is read-only, and there is only "workspace-write"`;
  }
  const probe = await env.sandbox.probe();
  return probe.works ? null : `${demand.by} demands a sandbox, and ${probe.reason}. ${probe.hint}`;
}

/**
 * The sandbox that every attempt under this policy has, whoever makes it: for what is judged before one begins. Absent where it may
 * have none.
 */
export async function promisedSandbox(env: Seeker, policy: Policy): Promise<{ sandbox?: 'workspace-write' }> {
  if (sandboxDemand(env.sandbox.config, policy, env.store.clock.now()) === null) return {};
  return (await env.sandbox.probe()).works ? { sandbox: 'workspace-write' } : {};
}

/** Whether an agent is put into our sandbox: not one whose own sandbox holds it, and would not work in there. */
export function isWrapped(probe: SandboxProbe & { works: true }, { sandbox }: Pick<ProbeReport, 'sandbox'>): boolean {
  return sandbox === undefined || probe.nests;
}
