import { type CompiledAgent, type CompiledPolicy, compileForAgent } from '@signalbox/policy/agents';
import type { ProjectStore } from '../project/open-store.js';
import { refuseInvalid, wholePolicyInForce } from './check-policy.js';

/** The project's policy, as far as it is in force, as an agent's own settings. Throws `POLICY_INVALID`. */
export function compileProject(
  store: ProjectStore,
  path: string,
  agent: CompiledAgent,
  ai: string | null,
): CompiledPolicy {
  const policy = wholePolicyInForce(store, path, ai ?? undefined);
  refuseInvalid(policy);
  const hookCommand = ['signalbox', 'policy', 'hook', '--for', agent, ...(ai === null ? [] : ['--ai', ai])];
  return compileForAgent(policy, agent, { hookCommand, now: store.clock.now() });
}
