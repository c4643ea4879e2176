import { describe, expect, it } from '@jest/globals';
import * as analysis from '../src/analysis/index.js';
import * as glob from '../src/glob/index.js';
import * as rules from '../src/index.js';

describe('the surface of rules', () => {
  it('is these names', () => {
    expect(Object.keys(rules).sort()).toEqual([
      'RuleError',
      'compileExpression',
      'leavesOf',
      'printFormula',
      'suggestName',
      'typeOfAttribute',
    ]);
    expect(Object.keys(analysis).sort()).toEqual([
      'checkEquivalence',
      'checkImplication',
      'checkSatisfiable',
      'describeFinding',
      'describeWitness',
      'findConflicts',
      'matchesArgv',
      'readArgvPattern',
    ]);
    expect(Object.keys(glob).sort()).toEqual(['checkGlob', 'globsOverlap', 'matchesGlob', 'parseGlob']);
  });

  it('suggests a near name and nothing far', () => {
    expect(rules.suggestName('efect', ['effect', 'reason'])).toBe('effect');
    expect(rules.suggestName('completely-other', ['effect', 'reason'])).toBeNull();
    expect(rules.suggestName('a'.repeat(60), ['effect'])).toBeNull();
  });
});
