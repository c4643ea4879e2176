import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { checkConformance, conformanceCases, scenariosOf } from '../../src/conformance/index.js';
import { MISBEHAVING } from './misbehaving/fixtures.js';
import { createReference } from './misbehaving/reference.js';

const agent = fileURLToPath(new URL('../../fixtures/json-lines-agent.mjs', import.meta.url));
const scenarios = scenariosOf({ agent, config: (program) => ({ program }) });
// More than may be held, and no more than that needs.
const FLOOD_BYTES = 70 * 1024 * 1024;
/** Too short for a fair trial, which the basics get: these are to fail in any case. */
const PATIENCE_MS = 500;
/** What a connector that errs in one thing does well, unless that is the thing. */
const BASICS = ['refuses a configuration with unknown members', 'reports the success of an agent that succeeds'];

describe('a misbehaving connector', () => {
  it.each(Object.entries(MISBEHAVING))('that %s is caught by name', async (_, { connector, caught }) => {
    const options = { patienceMs: PATIENCE_MS, floodBytes: FLOOD_BYTES, only: caught };
    const { passed, results } = await checkConformance({ connector, scenarios }, options);
    expect(
      results
        .filter((result) => !result.passed)
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...caught].sort());
    expect(passed).toBe(false);
    const only = BASICS.filter((name) => !caught.includes(name));
    const basics = await checkConformance({ connector, scenarios }, { only });
    expect(basics.results.filter((result) => !result.passed)).toEqual([]);
    for (const { message } of results) expect(message).toMatch(/\S.*[.] .*[.]$/s);
  });

  it('is there for every case', () => {
    const caught = new Set(Object.values(MISBEHAVING).flatMap((fixture) => fixture.caught));
    const names = conformanceCases({ connector: createReference(), scenarios }).map(({ name }) => name);
    expect(names.filter((name) => !caught.has(name))).toEqual([]);
  });
});
