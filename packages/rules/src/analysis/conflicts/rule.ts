import { RuleError } from '../../errors.js';
import type { Attributes } from '../../expression/evaluate.js';
import type { ArgvPattern } from '../argv-pattern.js';
import { type Condition, holdsFor, type Judgeable } from '../condition.js';

export type RuleEffect = 'deny' | 'ask' | 'allow';

const STRICTNESS: Record<RuleEffect, number> = { allow: 0, ask: 1, deny: 2 };

/** One rule of a set that is analysed together. `At` is where it stands; it is handed back, never looked at. */
export interface AnalysedRule<At = unknown> {
  readonly id: string;
  readonly effect: RuleEffect;
  /** Actions by name; `task.*` is every action that begins with `task.`. */
  readonly on: readonly string[];
  readonly when?: Judgeable | null;
  readonly unless?: Judgeable | null;
  /** A pattern over the words of the command. */
  readonly command?: ArgvPattern | null;
  /** One of `layers`; a rule without one lies in the uppermost. */
  readonly layer?: string;
  /** Layers that may loosen what this rule says. */
  readonly overridableBy?: readonly string[];
  /** True if it does more than decide (an obligation), so that another rule of its effect does not make it redundant. */
  readonly obliges?: boolean;
  readonly at?: At;
}

export function isStricter(a: RuleEffect, b: RuleEffect): boolean {
  return STRICTNESS[a] > STRICTNESS[b];
}

export function covers(entry: string, action: string): boolean {
  return entry.endsWith('.*') ? action.startsWith(entry.slice(0, -1)) : entry === action;
}

/**
 * The conditions under which a rule counts as matched: an error in a condition counts as a match for a rule that denies or
 * asks, and as none for a rule that allows.
 */
export function matchConditions(rule: AnalysedRule, commandAttribute: string): Condition[] {
  const loosens = rule.effect === 'allow';
  return conditions(rule, commandAttribute, loosens ? 'true' : 'not-false', loosens ? 'false' : 'not-true');
}

/** The conditions under which a rule matches without any error. */
export function plainConditions(rule: AnalysedRule, commandAttribute: string): Condition[] {
  return conditions(rule, commandAttribute, 'true', 'false');
}

function conditions(
  rule: AnalysedRule,
  commandAttribute: string,
  when: NonNullable<Condition['expect']>,
  unless: NonNullable<Condition['expect']>,
): Condition[] {
  const found: Condition[] = [];
  if (rule.command) found.push({ argv: rule.command, attribute: commandAttribute });
  if (rule.when) found.push({ expression: rule.when, expect: when });
  if (rule.unless) found.push({ expression: rule.unless, expect: unless });
  return found;
}

/** Whether a rule counts as matched by the attributes of a request for an action that it is on. */
export function matchesRequest(rule: AnalysedRule, commandAttribute: string, attributes: Attributes): boolean {
  return matchConditions(rule, commandAttribute).every((each) => holdsFor(each, attributes));
}

/** Throws `RuleError` with code `RULES_INVALID`. */
export function checkRules(rules: readonly AnalysedRule[], layers: readonly string[]): void {
  const ids = new Set<string>();
  for (const { id, layer } of rules) {
    const hint = 'Give every rule an id of its own, and a layer that is listed.';
    if (ids.has(id)) throw new RuleError({ code: 'RULES_INVALID', message: `There are two rules "${id}".`, hint });
    ids.add(id);
    if (layer === undefined || layers.includes(layer)) continue;
    throw new RuleError({
      code: 'RULES_INVALID',
      message: `The rule "${id}" is in the layer "${layer}", and the layers are ${layers.join(', ')}.`,
      hint,
    });
  }
}
