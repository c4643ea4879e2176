import type { AttributeSchema } from '../../expression/schema.js';
import { type AnalysedRule, covers } from './rule.js';

/** Actions that the same rules are on and that require the same attributes: one analysis answers for all of them. */
export interface ActionClass {
  readonly actions: readonly string[];
  readonly rules: readonly AnalysedRule[];
  readonly required: AttributeSchema;
}

/**
 * Sorts the actions into classes. `actions` are all there are; without them, those that the rules name, where `task.*` also
 * stands for one more action that no rule names.
 */
export function classifyActions(
  rules: readonly AnalysedRule[],
  actions: readonly string[] | undefined,
  required: (action: string) => AttributeSchema,
): ActionClass[] {
  const classes = new Map<string, { actions: string[]; rules: AnalysedRule[]; required: AttributeSchema }>();
  for (const action of actions ?? new Set(rules.flatMap(({ on }) => on))) {
    const own = rules.filter(({ on }) => on.some((entry) => covers(entry, action)));
    const needs = required(action);
    const key = JSON.stringify([own.map(({ id }) => id), needs]);
    const known = classes.get(key);
    if (known) known.actions.push(action);
    else classes.set(key, { actions: [action], rules: own, required: needs });
  }
  return [...classes.values()];
}
