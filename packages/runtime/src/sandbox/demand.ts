import { effectiveSettings, type Policy } from '@signalbox/policy';
import type { SandboxConfig } from '../project/sandbox-config.js';

/**
 * Why children are to be held. `always`: nothing may run without, since the project or the policy's settings say so. `rule`: a
 * rule obliges to it; what it is about is denied where there is none, and the rest runs.
 */
export type SandboxDemand = { kind: 'always'; by: string; mode: 'workspace-write' | 'read-only' } | { kind: 'rule' };

/** What is demanded at `now`, in milliseconds since the epoch; null: nothing. */
export function sandboxDemand(config: SandboxConfig, policy: Policy, now: number): SandboxDemand | null {
  const setting = effectiveSettings(policy)['sandbox'];
  if (setting?.value === 'read-only' || setting?.value === 'workspace-write') {
    return { kind: 'always', by: `the setting "sandbox" of the ${setting.from} policy`, mode: setting.value };
  }
  if (config.mode !== 'none') return { kind: 'always', by: 'the project', mode: config.mode };
  const obliges = policy.rules.some(
    ({ mode, expiresAt, obligations }) =>
      mode === 'enforce' &&
      (expiresAt === null || expiresAt > now) &&
      obligations.some(({ kind, want }) => kind === 'sandbox' && want !== 'none'),
  );
  return obliges ? { kind: 'rule' } : null;
}
