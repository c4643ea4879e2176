import type { AnalysedRule } from '@signalbox/rules/analysis';
import { actionsNamed } from '../attributes.js';
import { isStricter } from '../effect.js';
import type { Rule } from '../file/layer.js';
import type { Policy } from '../load.js';
import { BASE_LAYER, BASE_RULES, silenceRule } from './base-rules.js';
import { onlyInRole } from './phantom.js';

export interface Subject {
  readonly rule: Rule;
  readonly analysed: AnalysedRule<string>;
}

export interface Subjects {
  /** The rules of all layers that are in force at a time, by the key under which they are analysed. */
  readonly byKey: ReadonlyMap<string, Subject>;
  /** With the base. */
  readonly analysed: readonly AnalysedRule<string>[];
  readonly layers: readonly string[];
}

/** Actions at which a part of a command may be judged that no rule has to speak about. */
const SILENT_ACTIONS = ['shell.run', 'file.read', 'file.write'];

/**
 * The rules of a policy for analysis. A rule in audit mode, and one that an exception may loosen, is looked at but never
 * taken as the reason why another rule does not decide.
 */
export function subjectsOf(policy: Policy, now: number | undefined): Subjects {
  const byKey = new Map<string, Subject>();
  const silent = new Set(SILENT_ACTIONS);
  for (const layer of policy.layers) {
    for (const rule of layer.rules) {
      if (hasExpired(rule.expiresAt, now)) continue;
      const isExcepted = policy.exceptions.some(
        (exception) =>
          exception.rule === rule.id &&
          isStricter(rule.effect, exception.effect) &&
          !hasExpired(exception.expiresAt, now),
      );
      if (isExcepted) for (const action of rule.on.flatMap(actionsNamed)) silent.add(action);
      const key = byKey.has(rule.id) ? `${rule.id} at ${rule.at}` : rule.id;
      const gated = isExcepted || rule.mode === 'audit';
      byKey.set(key, { rule, analysed: analysedRule(rule, key, layer.scope, { gated, isExcepted }) });
    }
  }
  const own = [...byKey.values()].map(({ analysed }) => analysed);
  return {
    byKey,
    analysed: [...BASE_RULES, silenceRule([...silent]), ...own],
    layers: [BASE_LAYER, ...new Set(policy.layers.map(({ scope }) => scope))],
  };
}

function analysedRule(
  rule: Rule,
  key: string,
  layer: string,
  { gated, isExcepted }: { gated: boolean; isExcepted: boolean },
): AnalysedRule<string> {
  return {
    id: key,
    effect: rule.effect,
    on: rule.on,
    when: gated ? onlyInRole(key, rule.when) : rule.when,
    unless: rule.unless,
    command: rule.command,
    layer,
    overridableBy: rule.overridableBy,
    obliges: rule.obligations.length > 0 || isExcepted,
    at: rule.at,
  };
}

function hasExpired(expiresAt: number | null, now: number | undefined): boolean {
  return expiresAt !== null && now !== undefined && now >= expiresAt;
}
