import { compileExpression } from '@signalbox/rules';
import type { AnalysedRule, Judgeable } from '@signalbox/rules/analysis';
import { ACTIONS, attributesOfAny } from '../attributes.js';
import type { Effect } from '../effect.js';
import { baseVerdict } from '../judge/base.js';
import type { SubjectKind } from '../request.js';
import { onlyInRole } from './phantom.js';

export const BASE_LAYER = 'base';
const SILENCE = 'silence';

/** The built-in base under all layers as rules, so that what it allows and denies counts. */
export const BASE_RULES: readonly AnalysedRule<string>[] = [
  base('own-commands', 'allow', actionsOf('user', 'allow'), { when: 'subject.kind == "user"' }),
  base('queue', 'allow', actionsOf('system', 'allow'), { when: 'subject.kind == "system"' }),
  base('own-lines', 'allow', ['shell.run'], { when: 'resource.origin == "user"' }),
  base('users-alone', 'deny', actionsOf('ai', 'deny'), { unless: 'subject.kind == "user"' }),
];

/** The actions about which the base says this to such a subject. */
function actionsOf(kind: SubjectKind, effect: Effect): string[] {
  const context = { headless: true, ci: false };
  return ACTIONS.filter((name) => {
    return baseVerdict({ subject: { kind, id: 'x' }, action: { name }, resource: {}, context })?.effect === effect;
  });
}

/**
 * Where a question is not the same as the default: a command may read a file or start a program that no rule has to speak
 * about, and an exception may allow what its rule asks about. An allow that no request can count on says so.
 */
export function silenceRule(actions: readonly string[]): AnalysedRule<string> {
  return { id: 'base/silence', effect: 'allow', on: actions, when: onlyInRole(SILENCE, null), layer: BASE_LAYER };
}

function base(
  name: string,
  effect: AnalysedRule['effect'],
  on: readonly string[],
  conditions: { when?: string; unless?: string },
): AnalysedRule<string> {
  const { when, unless } = conditions;
  return {
    id: `${BASE_LAYER}/${name}`,
    effect,
    on,
    layer: BASE_LAYER,
    overridableBy: effect === 'deny' ? [] : ['global', 'project', 'ai'],
    when: when === undefined ? null : compiled(when),
    unless: unless === undefined ? null : compiled(unless),
    at: 'built-in',
  };
}

function compiled(source: string): Judgeable {
  const result = compileExpression(source, attributesOfAny(ACTIONS));
  return result.ok ? result.expression : { formula: { kind: 'constant', value: false }, outcome: () => false };
}
