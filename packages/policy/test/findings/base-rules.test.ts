import { describe, expect, it } from '@jest/globals';
import { BASE_RULES } from '../../src/findings/base-rules.js';
import { ACTIONS, type SubjectKind } from '../../src/index.js';
import { baseVerdict } from '../../src/judge/base.js';

const KINDS: readonly SubjectKind[] = ['user', 'ai', 'workflow', 'system'];

/** What the base says when it is taken for rules. */
function byRules(kind: SubjectKind, action: string, origin?: string) {
  const attributes = { subject: { kind, id: 'x' }, resource: origin === undefined ? {} : { origin } };
  const matching = BASE_RULES.filter(({ on, when, unless }) => {
    if (!on.includes(action)) return false;
    return (!when || when.outcome(attributes) === true) && !(unless && unless.outcome(attributes) === true);
  });
  return matching.find(({ effect }) => effect === 'deny')?.effect ?? matching[0]?.effect ?? null;
}

describe('the built-in base as rules', () => {
  it('says what the base says, for every action and whoever asks', () => {
    for (const kind of KINDS) {
      for (const name of ACTIONS) {
        for (const origin of [undefined, 'user', 'agent']) {
          const resource = origin === undefined ? {} : { origin };
          const request = {
            subject: { kind, id: 'x' },
            action: { name },
            resource,
            context: { headless: true, ci: false },
          };
          const told = baseVerdict(request)?.effect ?? null;
          expect([kind, name, origin, byRules(kind, name, origin)]).toEqual([kind, name, origin, told]);
        }
      }
    }
  });
});
