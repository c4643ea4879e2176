import { describe, expect, it } from '@jest/globals';
import { checkConformance, conformanceCases, describeConformance } from '../../src/conformance/index.js';
import { checkConnectorShape } from '../../src/connector-shape.js';
import { createReference } from './misbehaving/reference.js';

describe('the shape of a connector', () => {
  it('is looked at whole, and every problem is one sentence', () => {
    expect(checkConnectorShape(createReference())).toEqual([]);
    for (const value of [null, 7, 'x', []]) expect(checkConnectorShape(value)).toHaveLength(1);
    expect(checkConnectorShape({ apiVersion: 2 })).toEqual([expect.stringContaining('version 2')]);
    expect(checkConnectorShape({ apiVersion: '1' })).toEqual([expect.stringContaining('version "1"')]);
    const problems = checkConnectorShape({ apiVersion: 1, id: 'No', capabilities: {}, environmentNames: ['A B', 7] });
    expect(problems).toHaveLength(12);
    for (const problem of problems) expect(problem).toMatch(/^".*\.$/);
    expect(checkConnectorShape({ ...createReference(), capabilities: null })).toHaveLength(1);
    expect(checkConnectorShape({ ...createReference(), folders: 7 })).toEqual([expect.stringMatching(/^"folders"/)]);
    const tells = { usd: 'never', tokens: 'live', turns: 'end' };
    expect(checkConnectorShape({ ...createReference(), tells })).toEqual([]);
    expect(checkConnectorShape({ ...createReference(), tells: { ...tells, usd: 'soon' } })).toEqual([
      expect.stringMatching(/^"tells.usd"/),
    ]);
    expect(checkConnectorShape({ ...createReference(), tells: true })).toEqual([expect.stringMatching(/^"tells"/)]);
  });
});

describe('the conformance suite', () => {
  it('says why a case cannot be run, in the words of the author where there are some', async () => {
    const scenarios = { succeeds: 'My agent never succeeds.' };
    const connector = createReference({}, { capabilities: { ...createReference().capabilities, approvals: false } });
    const cases = new Map(conformanceCases({ connector, scenarios }).map(({ name, skip }) => [name, skip]));
    expect(cases.get('reports the success of an agent that succeeds')).toBe('My agent never succeeds.');
    expect(cases.get('obeys the idle limit')).toBe('There is no scenario "hangs".');
    expect(cases.get('takes a refusal as no')).toContain('capabilities.approvals');
    expect(cases.get('probes with an empty environment')).toBeNull();
  });

  it('does not make up a configuration that the schema asks for', async () => {
    const configSchema = { type: 'object', additionalProperties: false, properties: { a: true }, required: ['a'] };
    const connector = createReference({}, { configSchema });
    const { passed, results } = await checkConformance({ connector });
    expect(passed).toBe(true);
    const skipped = results.find(({ name }) => name === 'probes with an empty environment')?.skipped;
    expect(skipped).toBe('No configuration was given, and the schema refuses an empty one.');
    const given = conformanceCases({ connector, config: { a: 1 } });
    expect(given.find(({ name }) => name === 'probes with an empty environment')?.skip).toBeNull();
  });

  it('tells the time, the name and what is wrong, and needs no test runner', async () => {
    const connector = createReference({}, { summary: '' });
    const only = ['has the shape of a connector of version 1', 'obeys the idle limit'];
    expect(await checkConformance({ connector }, { only })).toEqual({
      passed: false,
      results: [
        { name: only[0], passed: false, message: expect.stringContaining('"summary"'), ms: expect.any(Number) },
        { name: only[1], passed: true, skipped: 'No stand-in for the agent was given.', ms: 0 },
      ],
    });
  });

  it('declares its cases in any test runner, and what is skipped only where the runner can', () => {
    const declared: string[] = [];
    const runner = {
      describe: (name: string, body: () => void) => {
        declared.push(`# ${name}`);
        body();
      },
      it: (name: string) => declared.push(name),
    };
    const only = ['refuses a configuration with unknown members', 'obeys the idle limit'];
    describeConformance({ connector: createReference() }, runner, { only });
    expect(declared).toContain(only[0]);
    expect(declared.join()).not.toContain(only[1]);
    describeConformance({ connector: createReference() }, { ...runner, skip: runner.it }, { only });
    expect(declared).toContain('obeys the idle limit (No stand-in for the agent was given.)');
  });
});
