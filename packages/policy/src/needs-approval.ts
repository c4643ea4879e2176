import type { Policy } from './load.js';

const TOOL_ACTION = /^(?:shell|file|net|tool)\.|^\*/;

/**
 * The full ids of the rules that keep away agents which cannot ask before they act: deny and ask rules about what an agent
 * does, in force and `enforce: required`. Empty for a policy under which such an agent may take a task, held to the rest by
 * its worktree and by the check of its changes.
 */
export function rulesNeedingApproval(policy: Policy): string[] {
  if (policy.problems.length > 0) return policy.problems.map(({ file, line }) => `${file}:${line} (not valid)`);
  return policy.rules
    .filter((rule) => rule.effect !== 'allow' && rule.mode === 'enforce' && rule.enforce === 'required')
    .filter((rule) => rule.on.some((action) => TOOL_ACTION.test(action)))
    .map((rule) => rule.id);
}
