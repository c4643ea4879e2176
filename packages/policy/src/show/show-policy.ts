import { isoTime } from '@signalbox/kernel';
import { printFormula } from '@signalbox/rules';
import type { LayerScope, Rule } from '../file/layer.js';
import type { Policy } from '../load.js';
import { showException } from './exceptions.js';
import { showSettings } from './settings.js';
import type { ShownDefault, ShownPolicy, ShownRule } from './shown-policy.js';

/**
 * Says what a policy holds and which layer each part comes from. `now`: milliseconds since the epoch. `ai`: the AI whose
 * policy it is; without one, overrides for any AI count as being in effect.
 */
export function showPolicy(policy: Policy, options: { ai?: string | null; now: number }): ShownPolicy {
  const { ai = null, now } = options;
  const exceptions = policy.exceptions.map((exception) => showException(policy, exception, ai, now));
  return {
    workspace: policy.workspace,
    digest: policy.digest,
    valid: policy.problems.length === 0,
    problems: policy.problems.map((problem) => ({ ...problem })),
    layers: policy.layers.map(({ scope, path, state, digest, rules }) => {
      return { scope, path, state, digest, rules: rules.length };
    }),
    default: showDefault(policy),
    settings: showSettings(policy),
    rules: policy.layers.flatMap((layer) => layer.rules.map((rule) => showRule(rule, layer.scope, now))),
    exceptions: exceptions.filter(({ layer }) => layer !== 'override'),
    overrides: exceptions.filter(({ layer }) => layer === 'override'),
    warnings: [...policy.warnings],
  };
}

function showDefault(policy: Policy): ShownDefault {
  const named = policy.layers.flatMap(({ scope, state, default: value }) => {
    return value !== null && (state === 'loaded' || state === 'untrusted') ? [{ from: scope, value }] : [];
  });
  const winner = named.find(({ value }) => value === policy.default);
  return {
    value: policy.default,
    from: winner?.from ?? 'built-in',
    overruled: named.filter((each) => each !== winner),
  };
}

function showRule(rule: Rule, layer: LayerScope, now: number): ShownRule {
  const { id, effect, reason, mode, enforce, expiresAt, trusted, at } = rule;
  return {
    id,
    layer,
    effect,
    on: [...rule.on],
    command: rule.command && [
      ...rule.command.tokens.map((words) => (words.length === 1 && words[0] !== undefined ? words[0] : [...words])),
      ...(rule.command.rest ? ['...'] : []),
    ],
    when: rule.when && printFormula(rule.when.formula),
    unless: rule.unless && printFormula(rule.unless.formula),
    reason,
    mode,
    enforce,
    expiresAt: expiresAt === null ? null : isoTime(expiresAt),
    expired: expiresAt !== null && now >= expiresAt,
    overridableBy: [...rule.overridableBy],
    obligations: rule.obligations.map(({ kind, want }) => ({ kind, want })),
    trusted,
    at,
  };
}
