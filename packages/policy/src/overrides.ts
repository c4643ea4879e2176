import type { PolicyOverride } from './file/override.js';
import { compileOverrides, overrideSource } from './file/override-layer.js';
import { whyNoEffect } from './judge/exception.js';
import type { Policy } from './load.js';

/**
 * Why an override would change nothing under this policy, in one sentence: no such rule, a rule that may not be overridden
 * by it, or an effect that is not looser. `null` if it would have an effect, as long as it has not expired.
 */
export function checkOverride(policy: Policy, override: PolicyOverride): string | null {
  const source = overrideSource([override]);
  if (source.text === null) return `The override cannot be read: ${source.error}`;
  const { exceptions, problems } = compileOverrides({ ...source, text: source.text });
  const [problem] = problems;
  if (problem) return problem.message;
  const [exception] = exceptions;
  return exception ? whyNoEffect(policy.rules, exception, 'This override') : null;
}
