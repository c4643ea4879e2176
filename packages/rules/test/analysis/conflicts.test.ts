import { describe, expect, it } from '@jest/globals';
import {
  type AnalysedRule,
  type ConflictOptions,
  describeFinding,
  describeWitness,
  type FindingKind,
  findConflicts,
  type RuleEffect,
} from '../../src/analysis/index.js';
import { type AttributeSchema, compileExpression, type Expression } from '../../src/index.js';
import { createRandom } from '../random.js';

const schema: AttributeSchema = {
  'subject.id': 'string',
  'subject.kind': { enum: ['user', 'ai'] },
  'resource.path': 'path',
  'resource.host': 'string',
  'resource.port': 'int',
  'action.argv': 'set',
};
const required = () =>
  ({ 'subject.id': 'string', 'subject.kind': schema['subject.kind'], 'resource.path': 'path' }) as AttributeSchema;

function compile(source: string): Expression {
  const compiled = compileExpression(source, schema);
  if (!compiled.ok) throw new Error(`${source}: ${compiled.problems[0]?.message}`);
  return compiled.expression;
}

function rule(id: string, effect: RuleEffect, when: string | null, more: Partial<AnalysedRule<string>> = {}) {
  return { id, effect, on: ['file.write'], ...(when === null ? {} : { when: compile(when) }), ...more };
}

function find(rules: AnalysedRule<string>[], options: ConflictOptions = {}) {
  const { findings, unknown } = findConflicts(rules, { onUnconfirmed: 'throw', required, ...options });
  expect(unknown).toEqual([]);
  return findings.map(({ kind, severity, rules: ids }) => [kind, severity, ...ids]);
}

describe('findConflicts', () => {
  it('finds nothing wrong with rules that each decide something', () => {
    expect(
      find([
        rule('secrets', 'deny', 'resource.path.glob("**/.env*")'),
        rule('sources', 'allow', 'resource.path.glob("src/**")'),
        rule('elsewhere', 'ask', '!resource.path.glob("{src,docs}/**")'),
        rule('docs', 'allow', 'resource.path.startsWith("docs/")'),
      ]),
    ).toEqual([]);
  });

  it('finds a dead rule, and says where it stands', () => {
    const dead = rule('dead', 'allow', 'resource.path.glob("src/**") && resource.path.glob("docs/**")', {
      at: 'a.yaml:3:5',
    });
    const { findings } = findConflicts([dead], { required });
    expect(findings).toEqual([{ kind: 'dead', severity: 'error', rules: ['dead'], witness: null, at: 'a.yaml:3:5' }]);
    expect(find([rule('lost', 'allow', null, { on: ['no.action'] })], { actions: ['file.write'] })).toEqual([
      ['dead', 'error', 'lost'],
    ]);
  });

  it('finds a contradiction however the same set is written', () => {
    expect(
      find([
        rule('a', 'allow', 'subject.kind == "ai"'),
        rule('d', 'deny', 'subject.kind != "user"'),
        rule('u', 'ask', 'subject.kind == "user"'),
      ]),
    ).toEqual([['contradiction', 'error', 'a', 'd']]);
  });

  it('calls it shadowed where the stricter rule is on more actions', () => {
    const rules = [rule('a', 'allow', null), rule('d', 'deny', null, { on: ['file.*'] })];
    expect(find(rules)).toEqual([['shadowed', 'error', 'a', 'd']]);
  });

  it('finds a rule that several stricter rules shadow together, and names no more of them than needed', () => {
    expect(
      find([
        rule('a', 'allow', 'resource.path.glob("src/*.{ts,js}")'),
        rule('ts', 'ask', 'resource.path.endsWith(".ts")'),
        rule('js', 'deny', 'resource.path.endsWith(".js")'),
        rule('md', 'deny', 'resource.path.endsWith(".md")'),
      ]),
    ).toEqual([['shadowed', 'error', 'a', 'ts', 'js']]);
  });

  it('finds an allow that an upper layer forbids, unless that layer lets it be overridden', () => {
    const upper = (overridableBy: string[]) =>
      rule('global/d', 'deny', 'resource.path.glob("**")', { layer: 'global', overridableBy });
    const lower = rule('project/a', 'allow', 'resource.path.glob("src/**")', { layer: 'project' });
    expect(find([upper([]), lower])).toEqual([['illegal-loosening', 'error', 'project/a', 'global/d']]);
    expect(find([upper(['project']), lower])).toEqual([['shadowed', 'error', 'project/a', 'global/d']]);
    expect(find([{ ...upper([]), layer: 'ai' }, lower])).toEqual([['shadowed', 'error', 'project/a', 'global/d']]);
  });

  it('calls the later of two equal rules redundant, unless it obliges to something', () => {
    const [one, two] = [rule('one', 'ask', 'resource.port > 3'), rule('two', 'ask', '!(resource.port <= 3)')];
    expect(find([one, two])).toEqual([['redundant', 'warning', 'two', 'one']]);
    expect(find([one, { ...two, obliges: true }])).toEqual([['redundant', 'warning', 'one', 'two']]);
    expect(
      find([
        { ...one, obliges: true },
        { ...two, obliges: true },
      ]),
    ).toEqual([]);
  });

  it('counts the default as a decision where it is told what it is', () => {
    const rules = [rule('deny', 'deny', 'resource.port > 3'), rule('ask', 'ask', 'resource.port > 2')];
    expect(find(rules)).toEqual([]);
    expect(find(rules, { default: 'ask' })).toEqual([['redundant', 'warning', 'ask']]);
    expect(find(rules, { default: 'allow' })).toEqual([]);
    const overAllow = [...rules, rule('allow', 'allow', null)];
    expect(find(overAllow, { default: 'ask' })).toEqual([]);
  });

  it('takes errors into account: without the attribute the stricter rule matches, so it may not be dead', () => {
    const impossible = rule('d', 'deny', 'resource.host == "a" && resource.host == "b"');
    expect(find([impossible])).toEqual([]);
    expect(find([impossible], { required: () => schema })).toEqual([['dead', 'error', 'd']]);
  });

  it('judges command patterns', () => {
    const shell = (id: string, effect: RuleEffect, tokens: string[][], rest: boolean) =>
      rule(id, effect, null, { on: ['shell.run'], command: { tokens, rest } });
    expect(
      find([
        shell('npm', 'ask', [['npm'], ['test', 'run']], true),
        shell('npm-test', 'allow', [['npm'], ['test']], false),
        shell('git', 'allow', [['git']], true),
      ]),
    ).toEqual([['shadowed', 'error', 'npm-test', 'npm']]);
  });

  it('lists gaps on request, per action, with a request that no rule is about', () => {
    const { findings } = findConflicts([rule('sources', 'allow', 'resource.path.glob("src/**")')], {
      gaps: true,
      actions: ['file.write', 'file.read'],
      required,
    });
    expect(findings.map(({ kind, severity, rules, witness }) => [kind, severity, rules, witness?.action])).toEqual([
      ['gap', 'info', [], 'file.write'],
      ['gap', 'info', [], 'file.read'],
    ]);
    expect(find([rule('all', 'ask', null)], { gaps: true })).toEqual([]);
  });

  it('says unknown, never nothing, when the budget does not suffice', () => {
    const rules = [
      rule('a', 'allow', 'resource.path.glob("src/**")'),
      rule('d', 'deny', 'resource.path.glob("**/*.ts")'),
    ];
    const { findings, unknown } = findConflicts(rules, { budget: 5, gaps: true, required });
    expect(findings).toEqual([]);
    expect(unknown.map(({ rule: id, actions }) => [id, actions])).toEqual([
      ['a', ['file.write']],
      ['d', ['file.write']],
      [null, ['file.write']],
    ]);
  });

  it('says unknown for the rest when the budget of all questions together is used up', () => {
    const { findings, unknown } = findConflicts(manyRules(50, 5), { required, totalBudget: 2000 });
    const reported = new Set([...findings.map(({ rules }) => rules[0]), ...unknown.map((each) => each.rule)]);
    expect(unknown.length).toBeGreaterThan(10);
    expect(reported.has('r0')).toBe(true);
  });

  it('says what it found, and for which request, in words', () => {
    const words = (kind: FindingKind, ...rules: string[]) =>
      describeFinding({ kind, severity: 'error', rules, witness: null });
    expect(words('dead', 'a')).toBe('"a" can never match.');
    expect(words('contradiction', 'a', 'b')).toContain('"a" and "b" match the same requests');
    expect(words('shadowed', 'a', 'b', 'c')).toContain('"b" and "c"');
    expect(words('illegal-loosening', 'a', 'b')).toContain('of an upper layer');
    expect(words('redundant', 'a', 'b')).toContain('with "b"');
    expect(words('redundant', 'a')).toContain('the default');
    expect(words('gap')).toContain('No rule');
    const attributes = { r: { path: 'a', size: 0, locks: [], argv: ['npm'] }, labels: {}, id: null };
    expect(describeWitness({ action: 'file.write', attributes })).toBe(
      'file.write where r.path is "a" and r.size is 0 and r.locks is empty and r.argv is ["npm"] and labels is empty and id is null',
    );
    expect(describeWitness({ action: 'file.write', attributes: {} })).toBe('any file.write');
  });

  it('refuses doubled ids and layers that are not listed', () => {
    const invalid = expect.objectContaining({ code: 'RULES_INVALID' });
    expect(() => findConflicts([rule('a', 'ask', null), rule('a', 'deny', null)])).toThrow(invalid);
    expect(() => findConflicts([rule('a', 'ask', null, { layer: 'team' })])).toThrow(invalid);
  });

  it.each([
    ['20 actions', 20, 4],
    ['one action', 1, 8],
  ])('puts few questions to the solver for 400 rules on %s', (_name, actions, callsPerRule) => {
    const { solverCalls, unknown } = findConflicts(manyRules(400, actions), {
      onUnconfirmed: 'throw',
      required,
      gaps: true,
    });
    expect(unknown).toEqual([]);
    expect(solverCalls).toBeLessThan(400 * callsPerRule);
  });
});

function manyRules(count: number, actions: number): AnalysedRule<string>[] {
  const random = createRandom(12);
  const folder = (): string =>
    `${random.pick(['src', 'docs', 'apps', 'packages'])}/${random.pick(['a', 'b', 'c', 'd', 'e'])}`;
  return Array.from({ length: count }, (_, at) => {
    const terms = [
      `resource.path.glob("${folder()}${at % 40}/**")`,
      random.pick(['resource.path.glob("**/*.ts")', '!resource.path.endsWith(".md")', 'subject.kind == "ai"', 'true']),
      random.pick([`subject.id == "ai-${random.below(9)}"`, `resource.port in [${random.below(99)}, 443]`, 'true']),
    ];
    const effect = random.pick(['deny', 'ask', 'allow'] as const);
    return rule(`r${at}`, effect, terms.join(' && '), { on: [`file.a${at % actions}`] });
  });
}
