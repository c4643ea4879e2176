import { describe, expect, it } from '@jest/globals';
import { evaluateRequest, type LayerSource, type PolicyRequest } from '../src/index.js';
import { decide, layer, load, NOW, plainMachine, request } from './support.js';

const HEAD = 'version: 1\nscope: project\n';
const rule = (index: number): string => `  - { id: r${index}, effect: allow, on: [net.fetch] }\n`;
const rules = (count: number): string =>
  `${HEAD}rules:\n${Array.from({ length: count }, (_, at) => rule(at)).join('')}`;
const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);

/** Whatever is asked for, a user's own commands among it, is denied with the place of the fault. */
function expectShut(source: LayerSource, place: string, why: string): void {
  const policy = load([source]);
  for (const what of [
    request('net.fetch'),
    request('task.create', { kind: 'user' }),
    request('shell.run', { kind: 'user', action: { command: 'ls' }, resource: { origin: 'user' } }),
  ]) {
    const record = decide(policy, what);
    expect(record).toMatchObject({ decision: 'deny', reasonCode: 'error.policy', matched: [], determining: [] });
    expect(record.reason).toContain(place);
    expect(record.reason).toContain(why);
    expect(evaluateRequest(policy, what, NOW)).toMatchObject({ decision: 'deny', reasonCode: 'error.policy' });
  }
}

describe('everything is denied', () => {
  it.each([
    ['broken', `${HEAD}rules: [\n`, ':4:1', ''],
    ['cyclic', `${HEAD}rules: &a [*a]\n`, ':3:12', 'Aliases'],
    ['full of references', `${HEAD}rules: &a []\ntests: [*a, *a]\n`, ':4:9', 'Aliases'],
    ['of 2 MB', `${HEAD}#${'x'.repeat(2_000_000)}`, ':1:1', '1 MiB'],
    ['nested 10,000 deep', `${HEAD}rules: ${nested(10_000)}\n`, ':3:', 'nested too deeply'],
    ['of 10,000 dashes', `${HEAD}rules:\n${'- '.repeat(10_000)}\n`, ':4:', 'nested too deeply'],
    ['of 10,000 brackets never closed', `${HEAD}rules: ${'['.repeat(10_000)}\n`, ':3:', 'nested too deeply'],
    ['of 100,000 rules', rules(100_000), ':1:1', '1 MiB'],
    ['of 5,001 rules', rules(5001), ':5004:5', 'may have 5000 rules; this one has 5001'],
    ['with a failing test', `${HEAD}tests: [{ request: { on: net.fetch }, expect: allow }]\n`, ':3:9', 'expects allow'],
    ['with __proto__ as a setting', `${HEAD}settings: { __proto__: { value: 1 } }\n`, ':3:13', '__proto__'],
    [
      'with __proto__ in a test',
      `${HEAD}tests: [{ request: { on: net.fetch, labels: { __proto__: x } }, expect: ask }]\n`,
      ':3:47',
      '__proto__',
    ],
    ['with constructor as a setting', `${HEAD}settings: { constructor: { value: 1 } }\n`, ':3:13', 'no setting'],
  ])('if the file is %s', (_what, text, place, why) => {
    expectShut(layer(text), place, why);
  });

  it('if the file is there and cannot be read', () => {
    expectShut(layer(null, { error: 'EACCES: permission denied' }), '.ai/policy.yaml:1:1', 'EACCES');
  });

  it('if one of several layers is faulty, trusted or not', () => {
    const good = layer(rules(1));
    const bad = layer('version: 1\nscope: ai\nrulez: []\n', { scope: 'ai', path: 'ai.yaml', trusted: false });
    expect(decide(load([good, bad]), request('net.fetch')).reason).toContain('(ai.yaml:3:1)');
  });

  it('but not if an optional file is absent', () => {
    expect(decide(load([layer(rules(1)), layer(null, { scope: 'ai' })]), request('net.fetch')).decision).toBe('allow');
  });
});

describe('a request is denied', () => {
  const open = load(`${HEAD}default: allow\nrules: [{ id: a, effect: allow, on: [shell.run], when: 'context.ci' }]\n`);
  const broken = (what: unknown): PolicyRequest => what as PolicyRequest;

  it('if it cannot be judged at all', () => {
    const { decision, reasonCode, reason } = evaluateRequest(open, broken({ action: { name: 'net.fetch' } }), NOW);
    expect({ decision, reasonCode }).toEqual({ decision: 'deny', reasonCode: 'error.eval' });
    expect(reason).toContain('could not be judged');
  });

  it('if a program cannot be looked up', () => {
    const fails = {
      ...plainMachine,
      resolveProgram: () => {
        throw new Error('EIO');
      },
    };
    const policy = load(`${HEAD}default: allow\n`, fails);
    expect(decide(policy, request('shell.run', { action: { command: 'ls' } }))).toMatchObject({
      decision: 'deny',
      reasonCode: 'error.eval',
      reason: 'The request could not be judged: EIO',
    });
  });

  it('with the place of the rule, if the evaluation of a rule that denies or asks breaks down', () => {
    const text = (effect: string) =>
      `${HEAD}default: allow\nrules:\n  - { id: a, effect: ${effect}, on: [net.fetch], when: 'resource.host == "a"' }\n`;
    const trap = request('net.fetch');
    Object.defineProperty(trap.resource, 'host', {
      enumerable: true,
      get: () => {
        throw new Error('no such luck');
      },
    });
    const verdict = evaluateRequest(load(text('deny')), trap, NOW);
    expect(verdict).toMatchObject({ decision: 'deny', reasonCode: 'error.eval', determining: ['project/a'] });
    expect(verdict.parts[0]?.errors[0]?.message).toContain('no such luck');
    expect(evaluateRequest(load(text('ask')), trap, NOW).decision).toBe('ask');
    const record = decide(load(text('deny')), request('net.fetch'));
    expect(record.reason).toContain('project/a (.ai/policy.yaml:5:5) counts as matched');
  });
});

describe('names of the language itself', () => {
  it('are no attributes, labels or facts', () => {
    const policy = load(`${HEAD}default: allow
rules:
  - { id: a, effect: deny, on: [net.fetch], when: '"__proto__" in context.task.labels || "toString" in context.task.labels' }
`);
    const plain = request('net.fetch');
    expect(decide(policy, plain).decision).toBe('allow');
    const hostile = JSON.parse(
      JSON.stringify(plain).replace('"labels":{}', '"labels":{"__proto__":"x"}'),
    ) as PolicyRequest;
    const record = decide(policy, hostile);
    expect(record.decision).toBe('deny');
    expect(JSON.stringify(record.request)).toContain('"__proto__":"x"');
    const written = decide(policy, request('file.write', { resource: { path: '__proto__' } }));
    expect(Object.keys(written.replay.facts.realPaths)).toContain('/repo/__proto__');
  });
});
