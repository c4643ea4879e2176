import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { checkConformance, conformanceCases, describeConformance, scenariosOf } from '../../src/conformance/index.js';
import { createReference } from './misbehaving/reference.js';

const agent = fileURLToPath(new URL('../../fixtures/json-lines-agent.mjs', import.meta.url));
const subject = { connector: createReference(), scenarios: scenariosOf({ agent, config: (program) => ({ program }) }) };

describeConformance(subject, { describe, it });

describe('the conformance suite', () => {
  it('leaves nothing out of a connector that can do all', () => {
    const cases = conformanceCases(subject);
    expect(cases.filter(({ skip }) => skip !== null)).toEqual([]);
    expect(new Set(cases.map(({ name }) => name)).size).toBe(cases.length);
  });

  it('tests what it can where there is no stand-in, and says what it has left out', async () => {
    const { passed, results } = await checkConformance({ connector: createReference() });
    expect(results.filter((result) => !result.passed)).toEqual([]);
    expect(passed).toBe(true);
    const skipped = results.filter((result) => result.skipped !== undefined);
    expect(results.length - skipped.length).toBe(10);
    expect(new Set(skipped.map((result) => result.skipped))).toEqual(new Set(['No stand-in for the agent was given.']));
  });
});
