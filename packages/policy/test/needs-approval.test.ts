import { describe, expect, it } from '@jest/globals';
import { initialPolicyYaml, rulesNeedingApproval } from '../src/index.js';
import { load } from './support.js';

const HEAD = 'version: 1\nscope: project\nrules:\n';

describe('rulesNeedingApproval', () => {
  it('finds nothing in the initial policy, so that agents without a channel for questions may work', () => {
    expect(rulesNeedingApproval(load(initialPolicyYaml({ name: 'x', testCommands: [] })))).toEqual([]);
  });

  it('names the required rules about tools that deny or ask', () => {
    const policy = load(`${HEAD}
  - { id: a, effect: ask, on: [shell.run] }
  - { id: b, effect: deny, on: [file.write], enforce: best-effort }
  - { id: c, effect: allow, on: [file.read] }
  - { id: d, effect: deny, on: [net.fetch], mode: audit }
  - { id: e, effect: deny, on: [task.create] }
`);
    expect(rulesNeedingApproval(policy)).toEqual(['project/a']);
  });

  it('names the place of a mistake in a policy that is not valid', () => {
    expect(rulesNeedingApproval(load('version: 2\nscope: project\n'))).toEqual(['.ai/policy.yaml:1 (not valid)']);
  });
});
