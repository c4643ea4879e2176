import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { type Effect, initialPolicyYaml } from '../src/index.js';
import { judgeLine, load, plainMachine } from './support.js';

/** Lines by what is wanted of them: `allow` exactly, `ask` and `deny` at least that. */
type Battery = Partial<Record<Effect, string[]>>;

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

const text = initialPolicyYaml({
  name: 'battery',
  testCommands: [
    ['npm', 'test'],
    ['npm', 'run', 'build'],
  ],
});
// Planted: in this workspace "make" is found under node_modules/.bin first.
const policy = load(text, {
  resolveProgram: (name, cwd) =>
    name === 'make' ? `${cwd}/node_modules/.bin/make` : plainMachine.resolveProgram(name, cwd),
});

const folder = join(dirname(fileURLToPath(import.meta.url)), 'shell', 'battery');
const batteries: [string, Battery][] = readdirSync(folder).map((file) => [
  file.replace('.json', ''),
  JSON.parse(readFileSync(join(folder, file), 'utf8')) as Battery,
]);
const allowed = batteries.flatMap(([, battery]) => battery.allow ?? []);

describe('the initial policy judges shell lines of an AI', () => {
  it.each(batteries)('none looser than wanted: %s', (_name, battery) => {
    const looser = (['ask', 'deny'] as const).flatMap((wanted) =>
      (battery[wanted] ?? [])
        .map((line) => ({ line, wanted, got: judgeLine(policy, line) }))
        .filter(({ got }) => STRICTNESS[got] < STRICTNESS[wanted]),
    );
    expect(looser).toEqual([]);
  });

  it.each(batteries)('what agents do all day without asking: %s', (_name, battery) => {
    const asked = (battery.allow ?? []).filter((line) => judgeLine(policy, line) !== 'allow');
    expect(asked).toEqual([]);
  });

  it('has lines of every class, more than a thousand in all', () => {
    const lines = batteries.flatMap(([, battery]) => Object.values(battery).flat());
    expect(new Set(lines).size).toBe(lines.length);
    expect(lines.length).toBeGreaterThan(1_000);
    expect(allowed.length).toBeGreaterThan(50);
  });

  it('never lets an allowed line carry another one in', () => {
    for (const line of allowed) {
      for (const joint of [';', '&&', '||', '|', '\n', '&']) {
        expect({ line, judged: judgeLine(policy, `${line}\n:${joint} some-program`) }).toEqual({ line, judged: 'ask' });
        expect({ line, judged: judgeLine(policy, `${line}\n:${joint} rm -rf /`) }).toEqual({ line, judged: 'deny' });
      }
    }
  });
});
