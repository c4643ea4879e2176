import { isStricter } from '../effect.js';
import type { PolicyException, Rule } from '../file/layer.js';
import type { PolicyRequest } from '../request.js';
import type { CompiledRule } from './compiled-rule.js';
import { holdsOnEvery } from './match.js';
import type { Part } from './part.js';

/**
 * Whether a rule lets this layer loosen it. An override counts as the project's word, and one for a single AI also as that
 * AI's.
 */
export function isOverridable(rule: Pick<Rule, 'overridableBy'>, exception: PolicyException): boolean {
  if (exception.scope !== 'override') return rule.overridableBy.includes(exception.scope);
  if (rule.overridableBy.includes('project')) return true;
  return exception.only?.ai != null && rule.overridableBy.includes('ai');
}

/** The exception that loosens a matched rule most at `now`, among those the rule lets others grant. */
export function findException(
  { rule, exceptions }: CompiledRule,
  part: Part,
  request: PolicyRequest,
  now: number,
): PolicyException | null {
  let found: PolicyException | null = null;
  for (const exception of exceptions) {
    if (exception.expiresAt !== null && now >= exception.expiresAt) continue;
    if (!isStricter(found?.effect ?? rule.effect, exception.effect)) continue;
    if (exception.only && !(part.certain && isFor(exception.only, request))) continue;
    if (exception.when && !holdsOnEvery(exception.when, part)) continue;
    found = exception;
  }
  return found;
}

function isFor(only: NonNullable<PolicyException['only']>, { subject, context }: PolicyRequest): boolean {
  if (only.ai !== null && !(subject.kind === 'ai' && subject.id === only.ai)) return false;
  if (only.task !== null && context.task?.id !== only.task) return false;
  return only.label === null || hasLabel(context.task?.labels, only.label);
}

function hasLabel(labels: Record<string, string> | undefined, label: string): boolean {
  const equals = label.indexOf('=');
  const key = label.slice(0, equals);
  return labels !== undefined && Object.hasOwn(labels, key) && labels[key] === label.slice(equals + 1);
}

/** Why an exception changes nothing, as a sentence about `name`; `null` if it may have an effect. Time is left out of it. */
export function whyNoEffect(rules: readonly Rule[], exception: PolicyException, name: string): string | null {
  const rule = rules.find(({ id }) => id === exception.rule);
  if (!rule) return `${name} is for ${exception.rule}, and there is no such rule.`;
  if (!isOverridable(rule, exception)) {
    const scope =
      exception.scope !== 'override' ? exception.scope : exception.only?.ai != null ? 'project or ai' : 'project';
    return `${name} has no effect: ${rule.id} is not overridable by ${scope}.`;
  }
  if (!isStricter(rule.effect, exception.effect)) {
    return `${name} has no effect: ${rule.id} says ${rule.effect}, and ${exception.effect} is not looser.`;
  }
  return null;
}
