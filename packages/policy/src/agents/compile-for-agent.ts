import type { Policy } from '../load.js';
import { compileForClaudeCode } from './claude-code.js';
import { compileForCodex } from './codex.js';
import type { CompiledAgent, CompiledPolicy, CompileOptions } from './compiled-policy.js';

/**
 * Puts a policy into the settings of an agent: what they can say, never looser than the policy, with a list of what the
 * agent does not enforce. Where a pattern would match more than a rule, it tightens and `notes` says so.
 */
export function compileForAgent(policy: Policy, agent: CompiledAgent, options: CompileOptions): CompiledPolicy {
  return agent === 'claude-code' ? compileForClaudeCode(policy, options) : compileForCodex(policy, options);
}
