import { isoTime } from '@signalbox/kernel';
import { printFormula } from '@signalbox/rules';
import type { PolicyException } from '../file/layer.js';
import { whyNoEffect } from '../judge/exception.js';
import type { Policy } from '../load.js';
import type { ShownException } from './shown-policy.js';

/** An exception or override with whether it can change anything at `now` for requests of `ai` (`null`: of anybody). */
export function showException(
  policy: Policy,
  exception: PolicyException,
  ai: string | null,
  now: number,
): ShownException {
  const { rule, effect, scope, when, only, reason, by, expiresAt, at } = exception;
  const why = whyIdle(policy, exception, ai, now);
  return {
    rule,
    effect,
    layer: scope,
    when: when && printFormula(when.formula),
    only: only && { ai: only.ai, task: only.task, label: only.label },
    reason,
    by,
    expiresAt: expiresAt === null ? null : isoTime(expiresAt),
    inEffect: why === null,
    why,
    at,
  };
}

function whyIdle(policy: Policy, exception: PolicyException, ai: string | null, now: number): string | null {
  const name = exception.scope === 'override' ? 'This override' : 'This exception';
  const idle = whyNoEffect(policy.rules, exception, name);
  if (idle !== null) return idle;
  const { expiresAt, only } = exception;
  if (expiresAt !== null && now >= expiresAt) return `${name} has expired.`;
  const target = policy.rules.find(({ id }) => id === exception.rule);
  if (target && target.expiresAt !== null && now >= target.expiresAt) {
    return `${name} has no effect: ${target.id} has expired.`;
  }
  if (target?.mode === 'audit') return `${name} has no effect: ${target.id} is in audit mode and decides nothing.`;
  if (ai !== null && only?.ai != null && only.ai !== ai) return `${name} is for ${only.ai} alone.`;
  return null;
}
