import { describe, expect, it } from '@jest/globals';
import { checkPolicy, parseBudget } from '../src/index.js';
import { decide, decideLine, layer, load, type RequestChanges, request } from './support.js';

const text = (obligations: string, effect = 'allow', on = 'net.fetch'): string =>
  `version: 1\nscope: project\nrules:\n  - { id: a, effect: ${effect}, on: [${on}], obligations: [${obligations}] }\n`;
const fetchUnder = (obligations: string, context: RequestChanges['context'] = {}) =>
  decide(load(text(obligations)), request('net.fetch', { context }));

describe('an obligation to a sandbox', () => {
  it.each([
    ['workspace-write', undefined, 'deny'],
    ['workspace-write', 'none', 'deny'],
    ['workspace-write', 'workspace-write', 'allow'],
    ['workspace-write', 'read-only', 'allow'],
    ['read-only', 'workspace-write', 'deny'],
    ['read-only', 'read-only', 'allow'],
    ['none', undefined, 'allow'],
  ] as const)('of %s, with %s: %s', (want, sandbox, decision) => {
    const record = fetchUnder(`{ sandbox: ${want} }`, sandbox ? { sandbox } : {});
    expect(record.decision).toBe(decision);
    expect(record.obligations[0]?.state).toBe(decision === 'allow' ? 'met' : 'unmet');
  });

  it('says which sandbox there is', () => {
    expect(fetchUnder('{ sandbox: read-only }')).toMatchObject({
      reasonCode: 'obligation.unmet',
      determining: ['project/a'],
      reason: 'project/a obliges to the sandbox "read-only", and there is none.',
    });
    const loose = fetchUnder('{ sandbox: read-only }', { sandbox: 'workspace-write' });
    expect(loose.reason).toContain('the sandbox is "workspace-write"');
    expect(fetchUnder('{ sandbox: read-only }', { sandbox: 'strict' as never }).decision).toBe('deny');
  });
});

describe('an obligation to somebody else', () => {
  it.each([
    ['{ approval: user }', 'the approval of a user'],
    ['{ approval: "user:ana" }', 'the approval of user:ana'],
    ['{ reviewer: not-author }', 'a review by somebody other than the author'],
  ])('turns an allow into a question: %s', (obligation, wanted) => {
    const record = fetchUnder(obligation);
    expect(record).toMatchObject({
      decision: 'ask',
      reasonCode: 'obligation.approval',
      determining: ['project/a'],
      obligations: [{ state: 'pending', rule: 'project/a' }],
    });
    expect(record.reason).toBe(`This needs somebody's agreement: project/a wants ${wanted}.`);
  });

  it('leaves a question as it is, and a deny for what is not met comes first', () => {
    const asks = decide(load(text('{ approval: user }', 'ask')), request('net.fetch'));
    expect(asks).toMatchObject({ decision: 'ask', reasonCode: 'rule.ask', obligations: [{ state: 'pending' }] });
    expect(fetchUnder('{ approval: user }, { sandbox: read-only }').decision).toBe('deny');
  });

  it('holds for a whole line if it holds for one of its commands', () => {
    const policy = load(`version: 1
scope: project
rules:
  - { id: a, effect: allow, on: [shell.run], command: { argv: [ls] } }
  - { id: b, effect: allow, on: [shell.run], command: { argv: [make] }, obligations: [{ approval: user }] }
`);
    expect(decideLine(policy, 'ls').decision).toBe('allow');
    expect(decideLine(policy, 'ls && make && make')).toMatchObject({ decision: 'ask', determining: ['project/b'] });
  });
});

describe('an obligation of a rule that allows', () => {
  it('holds where a question of another layer decides, which must not set it aside', () => {
    const allows = layer(text('{ sandbox: read-only }').replace('project', 'global'), { scope: 'global' });
    const asks = layer('version: 1\nscope: project\nrules: [{ id: q, effect: ask, on: [net.fetch] }]\n');
    expect(decide(load([allows]), request('net.fetch')).decision).toBe('deny');
    expect(decide(load([allows, asks]), request('net.fetch'))).toMatchObject({
      decision: 'deny',
      reasonCode: 'obligation.unmet',
    });
    const held = request('net.fetch', { context: { sandbox: 'read-only' } });
    expect(decide(load([allows, asks]), held)).toMatchObject({ decision: 'ask', obligations: [{ state: 'met' }] });
  });
});

describe('an obligation to a budget', () => {
  it.each([
    ['2 USD', undefined, 'allow', 'pending'],
    ['2 USD', {}, 'allow', 'pending'],
    ['2 USD', { tokens: 9 }, 'allow', 'pending'],
    ['2 USD', { usd: 1.99 }, 'allow', 'met'],
    ['2 USD', { usd: 2 }, 'deny', 'unmet'],
    ['0.50 USD', { usd: 0.5 }, 'deny', 'unmet'],
    ['100000 tokens', { tokens: 99_999 }, 'allow', 'met'],
    ['100000 tokens', { tokens: 100_000, usd: 0 }, 'deny', 'unmet'],
  ] as const)('of %s with %j spent: %s', (want, spent, decision, state) => {
    const policy = load(text(`{ budget: "${want}" }`, 'allow', 'task.execute'));
    const record = decide(policy, request('task.execute', { context: spent ? { spent } : {} }));
    expect(record).toMatchObject({ decision, obligations: [{ kind: 'budget', want, state }] });
    if (decision === 'deny') expect(record.reason).toBe(`project/a allows ${want}, and that is spent.`);
  });

  it('is read as an amount of one of two kinds', () => {
    expect(parseBudget('2 USD')).toEqual({ usd: 2 });
    expect(parseBudget('0.50 USD')).toEqual({ usd: 0.5 });
    expect(parseBudget('100000 tokens')).toEqual({ tokens: 100_000 });
    for (const bad of ['', '2', '2USD', '-1 USD', '0 USD', '0 tokens', '1.5 tokens', '1e3 USD', '2 EUR', '2 USD '])
      expect(parseBudget(bad)).toBeNull();
  });
});

describe('an obligation to evidence', () => {
  it('is left to the verdict, whatever its kind', () => {
    expect(fetchUnder('{ evidence: load-test }')).toMatchObject({
      decision: 'allow',
      obligations: [{ kind: 'evidence', want: 'load-test', state: 'pending' }],
    });
  });
});

describe('an obligation is refused', () => {
  it.each([
    ['{ sandbox: strict }', 'one of none, workspace-write, read-only'],
    ['{ evidence: "" }', 'a kind of evidence'],
    ['{ approval: ai }', '"user" or "user:<login>"'],
    ['{ reviewer: author }', '"not-author"'],
    ['{ budget: 2 }', 'obligations'],
    ['{ budget: "2 EUR" }', 'an amount such as'],
    ['{ sandbx: none }', 'Did you mean "sandbox"?'],
    ['{ colour: red }', 'These are: sandbox, evidence, approval, reviewer, budget.'],
    ['{ toString: x }', 'not an obligation'],
  ])('if it is %s', (obligation, message) => {
    expect(checkPolicy(layer(text(obligation)))[0]?.message).toContain(message);
  });
});

describe('an obligation that nobody would see to', () => {
  const PROVABLE = 'on shell.run, file.*, net.fetch, tool.call, task.complete and task.land';
  const PERSONS = 'everywhere but on approval.answer and policy.override';
  it.each([
    ['{ evidence: test-report }', 'task.create', 'evidence', 'task.create', PROVABLE],
    ['{ evidence: test-report }', 'task.complete, task.execute', 'evidence', 'task.execute', PROVABLE],
    ['{ evidence: test-report }', '"task.*"', 'evidence', 'task.create', PROVABLE],
    ['{ budget: 2 USD }', 'shell.run', 'budget', 'shell.run', 'on task.execute'],
    ['{ budget: 2 USD }', '"task.*"', 'budget', 'task.create', 'on task.execute'],
    ['{ approval: user }', 'approval.answer', 'approval', 'approval.answer', PERSONS],
    ['{ reviewer: not-author }', '"policy.*"', 'reviewer', 'policy.override', PERSONS],
  ])('is refused, and its place named: %s on %s', (obligation, on, kind, action, where) => {
    const written = text(obligation, 'allow', on);
    const line = written.split('\n')[3] ?? '';
    expect(checkPolicy(layer(written))).toEqual([
      {
        file: '.ai/policy.yaml',
        line: 4,
        column: line.indexOf(`${kind}:`) + 1,
        code: 'POLICY_SCHEMA',
        message: `Nobody sees to "${kind}" on ${action}, which this rule is on; it is seen to ${where}.`,
      },
    ]);
    expect(decide(load(written), request('task.create')).reasonCode).toBe('error.policy');
  });

  it.each([
    ['{ evidence: test-report }', 'shell.run, "file.*", net.fetch, tool.call, task.complete, task.land'],
    ['{ budget: 2 USD }', 'task.execute'],
    ['{ approval: user }, { reviewer: not-author }', '"task.*", "ai.*", shell.run'],
    ['{ sandbox: none }', '"approval.*", "task.*", shell.run'],
  ])('is none of these: %s on %s', (obligation, on) => {
    expect(checkPolicy(layer(text(obligation, 'allow', on)))).toEqual([]);
  });
});
