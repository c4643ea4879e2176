import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type ArgvPattern,
  checkEquivalence,
  checkImplication,
  checkSatisfiable,
  matchesArgv,
  readArgvPattern,
} from '../../src/analysis/index.js';
import { type AttributeSchema, compileExpression, type Expression } from '../../src/index.js';
import { schema as celSchema } from '../oracle/cel.js';
import { environments, expressions } from '../oracle/generate.js';
import { write } from '../oracle/write.js';
import { createRandom } from '../random.js';

const schema: AttributeSchema = {
  ...celSchema,
  'action.argv': 'set',
  'context.task.id': 'string',
};

function compile(source: string): Expression {
  const compiled = compileExpression(source, schema);
  if (!compiled.ok) throw new Error(`${source}: ${compiled.problems[0]?.message}`);
  return compiled.expression;
}

const strict = { onUnconfirmed: 'throw' } as const;
const condition = (source: string) => ({ expression: compile(source) });
const satisfiable = (...sources: string[]) => checkSatisfiable(sources.map(condition), strict).status;
const implies = (a: string, b: string, required: AttributeSchema = {}) =>
  checkImplication([condition(a)], [condition(b)], { ...strict, required }).status;

describe('checkSatisfiable', () => {
  it.each([
    'resource.size > 1 && resource.size < 3 && resource.size != 2',
    'resource.size in [1, 2] && !(resource.size in [2, 1])',
    'subject.kind != "user" && subject.kind != "ai" && subject.kind != "system"',
    'resource.inside && !resource.inside',
    '!has(resource.path) && resource.path.glob("**")',
    '!has(resource.path) && !(resource.path == "a")',
    '"a" in resource.locks && !("a" in resource.locks)',
    '"a" in context.labels && !has(context.labels.a)',
    'has(context.labels.a) && !has(context.labels)',
    'has(context.task.id) && !has(context.task)',
    'context.task.id == "a" && !has(context.task)',
    'resource.path.glob("src/**") && resource.path.glob("docs/**")',
    'resource.host.startsWith("ab") && resource.host.endsWith("cd") && resource.host in ["abc", "bcd", "ab"]',
    'resource.path in []',
    'false',
    'resource.size > 9007199254740991 && resource.size < -9007199254740991',
    '(resource.size < 0 || resource.size > 5) && (resource.size > -1 || has(resource.host) && !has(resource.host)) && resource.size < 6',
  ])('finds nothing for %s', (source) => {
    expect(satisfiable(source)).toBe('unsatisfiable');
  });

  it.each([
    'true',
    'resource.size > 9007199254740990',
    'resource.size > 1 && resource.size < 3',
    '!has(resource.path)',
    'has(context.task) && !has(context.task.id)',
    'has(context.labels) && !("a" in context.labels) && "b c.d" in context.labels',
    '"__proto__" in context.labels',
    'has(context.labels.a) && context.labels.a != "x"',
    'resource.host == "\\u0000"',
    'resource.host.contains("é") && !resource.host.contains("é\\U0001F600") && resource.host.contains("\\U0001F600")',
    'has(resource.host) && !resource.host.glob("**") && !resource.host.startsWith("/") && resource.host != ""',
  ])('finds attributes for %s', (source) => {
    expect(satisfiable(source)).toBe('satisfiable');
  });

  it('takes several conditions together, each to what is expected of it', () => {
    const path = compile('resource.path.glob("a/**")');
    const ask = (...expected: ('true' | 'false' | 'not-true' | 'not-false')[]) =>
      checkSatisfiable(
        expected.map((expect) => ({ expression: path, expect })),
        strict,
      );
    expect(ask('not-true', 'not-false')).toEqual({ status: 'satisfiable', witness: {} });
    expect(ask('true', 'not-false').status).toBe('satisfiable');
    expect(ask('false', 'not-true').status).toBe('satisfiable');
    expect(ask('true', 'not-true').status).toBe('unsatisfiable');
    expect(ask('false', 'not-false').status).toBe('unsatisfiable');
    const required = { 'resource.path': 'path' } as const;
    const both = (['not-true', 'not-false'] as const).map((expect) => ({ expression: path, expect }));
    expect(checkSatisfiable(both, { required }).status).toBe('unsatisfiable');
  });

  it('misses nothing that sampling finds, for 2,000 random pairs of conditions', () => {
    const samples = fc.sample(environments, { seed: 5, numRuns: 150 });
    const count = { satisfiable: 0, unsatisfiable: 0, unknown: 0 };
    const property = fc.property(expressions, expressions, (one, two) => {
      const pair = [one, two].map((tree) => compile(write(tree)));
      const { status } = checkSatisfiable(
        pair.map((expression) => ({ expression })),
        strict,
      );
      count[status]++;
      const sampled = samples.some((each) => pair.every((expression) => expression.outcome(each) === true));
      if (sampled && status !== 'satisfiable') throw new Error(pair.map((each) => each.source).join('\n'));
    });
    fc.assert(property, { seed: 8, numRuns: 2_000 });
    expect(count.unknown).toBe(0);
    expect(count.unsatisfiable).toBeGreaterThan(100);
  });

  it('does not take conditions of two schemas for one', () => {
    const other = compileExpression('resource.size == "big"', { 'resource.size': 'string' });
    if (!other.ok) throw new Error('does not compile');
    expect(() => checkSatisfiable([condition('resource.size > 1'), { expression: other.expression }])).toThrow(
      expect.objectContaining({ code: 'SCHEMA_MISMATCH' }),
    );
  });

  it('says unknown, or throws where asked to, if the evaluator contradicts it', () => {
    const wrong = { formula: compile('resource.inside').formula, outcome: () => false };
    expect(checkSatisfiable([{ expression: wrong }])).toMatchObject({ status: 'unknown' });
    expect(() => checkSatisfiable([{ expression: wrong }], strict)).toThrow(
      expect.objectContaining({ code: 'WITNESS_UNCONFIRMED' }),
    );
  });
});

describe('implication and equivalence', () => {
  it('follow the languages of globs', () => {
    expect(implies('resource.path.glob("src/*.ts")', 'resource.path.glob("src/**")')).toBe('holds');
    expect(implies('resource.path.glob("src/**")', 'resource.path.glob("src/*.ts")')).toBe('fails');
    expect(implies('resource.path.startsWith("src/")', 'resource.path.glob("src/**")')).toBe('holds');
    expect(implies('resource.host.startsWith("src/")', 'resource.host.glob("src/**")')).toBe('fails');
  });

  it('take absence into account unless an attribute is required', () => {
    const tautology = 'resource.size < 3 || resource.size >= 3';
    expect(implies('true', tautology)).toBe('fails');
    expect(implies('has(resource.size)', tautology)).toBe('holds');
    expect(implies('true', tautology, { 'resource.size': 'int' })).toBe('holds');
  });

  it('hold in both directions, or come with a witness for the one that fails', () => {
    const equivalent = (a: string, b: string) => checkEquivalence([condition(a)], [condition(b)], strict);
    expect(equivalent('resource.size > 2', '!(resource.size <= 2)').status).toBe('holds');
    expect(equivalent('subject.kind == "ai"', 'subject.kind in ["ai"]').status).toBe('holds');
    expect(equivalent('resource.size > 2', 'resource.size > 3')).toEqual({
      status: 'fails',
      witness: { resource: { size: 3 } },
    });
    expect(equivalent('resource.size > 3', 'resource.size > 2').status).toBe('fails');
    const small = checkEquivalence([condition('resource.size > 2')], [condition('resource.size > 3')], { budget: 1 });
    expect(small.status).toBe('unknown');
  });
});

describe('patterns over words', () => {
  const pattern = (...tokens: (string | string[])[]): ArgvPattern => {
    const read = readArgvPattern(tokens);
    if (typeof read === 'string') throw new Error(read);
    return read;
  };
  const argv = (read: ArgvPattern, expect: 'true' | 'false' = 'true') => ({
    argv: read,
    attribute: 'action.argv',
    expect,
  });

  it('are read, matched and refused', () => {
    const npm = pattern('npm', ['test', 'run'], '...');
    expect(matchesArgv(npm, ['npm', 'run', 'build'])).toBe(true);
    expect(matchesArgv(npm, ['npm'])).toBe(false);
    expect(matchesArgv(npm, 'npm test')).toBe(false);
    expect(matchesArgv(pattern('npm', 'test'), ['npm', 'test', '-w'])).toBe(false);
    expect(readArgvPattern(['...', 'npm'])).toContain('only at the end');
  });

  it('meet by length and by position', () => {
    const ask = (...conditions: Parameters<typeof checkSatisfiable>[0]) => checkSatisfiable(conditions, strict).status;
    const npm = pattern('npm', ['test', 'run'], '...');
    expect(ask(argv(npm), argv(pattern('npm', 'test')))).toBe('satisfiable');
    expect(ask(argv(npm), argv(pattern('npm', ['install', 'ci'], '...')))).toBe('unsatisfiable');
    expect(
      ask(argv(npm), argv(pattern('npm', 'test', '...'), 'false'), argv(pattern('npm', 'run', '...'), 'false')),
    ).toBe('unsatisfiable');
    expect(ask(argv(npm), argv(pattern('npm', ['test', 'run']), 'false'))).toBe('satisfiable');
    expect(ask(argv(npm), condition('!("npm" in action.argv)'))).toBe('unsatisfiable');
    expect(ask(argv(pattern('npm', 'test')), condition('"-w" in action.argv'))).toBe('unsatisfiable');
    expect(ask(argv(npm), condition('"-w" in action.argv && !("run" in action.argv)'))).toBe('satisfiable');
    expect(ask(argv(npm), condition('!has(action.argv)'))).toBe('unsatisfiable');
    expect(ask(argv(npm, 'false'), condition('!has(action.argv)'))).toBe('satisfiable');
  });

  it('agree with enumeration of short lists for 1,500 random conjunctions', () => {
    const random = createRandom(17);
    const lists = enumerateLists(['a', 'b', 'c', 'z'], 4);
    let satisfiableCount = 0;
    for (let round = 0; round < 1500; round++) {
      const demands = Array.from({ length: 1 + random.below(5) }, () => {
        if (random.below(4) === 0)
          return condition(`${random.pick(['', '!'])}("${random.pick(['a', 'b'])}" in action.argv)`);
        const tokens = Array.from({ length: random.below(3) }, () =>
          Array.from({ length: 1 + random.below(2) }, () => random.pick(['a', 'b', 'c'])),
        );
        return argv(pattern(...tokens, ...(random.below(2) ? ['...'] : [])), random.pick(['true', 'false']));
      });
      const { status } = checkSatisfiable([...demands, condition('has(action.argv)')], strict);
      const holds = (words: string[]): boolean =>
        demands.every((each) =>
          'argv' in each
            ? matchesArgv(each.argv, words) === (each.expect === 'true')
            : each.expression.outcome({ action: { argv: words } }) === true,
        );
      expect(status).toBe(lists.some(holds) ? 'satisfiable' : 'unsatisfiable');
      if (status === 'satisfiable') satisfiableCount++;
    }
    expect(satisfiableCount).toBeGreaterThan(300);
  });
});

function enumerateLists(words: readonly string[], maxLength: number): string[][] {
  const all: string[][] = [[]];
  let last: string[][] = [[]];
  for (let length = 1; length <= maxLength; length++) {
    last = last.flatMap((head) => words.map((word) => [...head, word]));
    all.push(...last);
  }
  return all;
}
