import { describe, expect, it } from '@jest/globals';
import * as policy from '../src/index.js';

describe('the surface of policy', () => {
  it('is these names', () => {
    expect(Object.keys(policy).sort()).toEqual([
      'ACTIONS',
      'PolicyError',
      'attributesOf',
      'checkOverride',
      'checkPolicy',
      'decide',
      'durationMs',
      'effectiveSettings',
      'evaluateRequest',
      'initialPolicyYaml',
      'loadLayer',
      'loadPolicy',
      'parseBudget',
      'rulesNeedingApproval',
    ]);
  });

  it('knows the attributes of its actions', () => {
    expect(policy.ACTIONS).toContain('shell.run');
    expect(policy.attributesOf('net.fetch')).toMatchObject({ 'resource.host': 'string', 'subject.id': 'string' });
  });
});
