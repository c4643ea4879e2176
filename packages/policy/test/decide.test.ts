import { describe, expect, it } from '@jest/globals';
import { canonicalJson } from '@signalbox/kernel';
import { loadPolicy, PolicyError, type PolicyRequest } from '../src/index.js';
import { decide, decideLine, layer, load, NOW, plainMachine, request } from './support.js';

const rules = (text: string, head = ''): string => `version: 1\nscope: project\n${head}rules:\n${text}`;

const RULES = rules(`
  - { id: reads, effect: allow, on: [file.read] }
  - { id: no-secrets, effect: deny, on: [file.read], when: 'resource.path.glob("**/.env")', reason: Secrets stay here }
  - { id: ask-docs, effect: ask, on: [file.read], when: 'resource.path.startsWith("docs/")', unless: 'subject.id == "writer"' }
  - { id: tests, effect: allow, on: [shell.run], command: { argv: [npm, [test, run], "..."] } }
  - { id: exact, effect: allow, on: [shell.run], command: { argv: [git, status] } }
  - { id: tasks, effect: deny, on: ["task.*"], when: 'has(resource.priority) && resource.priority > 10' }
`);

describe('decide', () => {
  const policy = load(RULES);

  it.each([
    ['src/a.ts', 'allow', 'rule.allow', 'project/reads'],
    ['.env', 'deny', 'rule.deny', 'project/no-secrets'],
    ['docs/a.md', 'ask', 'rule.ask', 'project/ask-docs'],
  ])('reads %s: %s', (path, decision, reasonCode, rule) => {
    const record = decide(policy, request('file.read', { resource: { path } }));
    expect(record).toMatchObject({ decision, reasonCode, determining: [rule] });
  });

  it('names the reason of the rule and where the rule stands', () => {
    const record = decide(policy, request('file.read', { resource: { path: '.env' } }));
    expect(record.reason).toBe('read .env: Secrets stay here — project/no-secrets (.ai/policy.yaml:6:5).');
    expect(record.matched).toEqual([
      { rule: 'project/reads', effect: 'allow', at: '.ai/policy.yaml:5:5', applied: true, enforce: 'required' },
      { rule: 'project/no-secrets', effect: 'deny', at: '.ai/policy.yaml:6:5', applied: true, enforce: 'required' },
    ]);
  });

  it('leaves a rule out where its "unless" holds', () => {
    const record = decide(policy, request('file.read', { id: 'writer', resource: { path: 'docs/a.md' } }));
    expect(record.decision).toBe('allow');
  });

  it('falls to the default, which is ask where no file names one', () => {
    expect(decide(policy, request('net.fetch'))).toMatchObject({
      decision: 'ask',
      reasonCode: 'default',
      determining: [],
    });
    expect(decide(load([]), request('net.fetch')).decision).toBe('ask');
    expect(decide(load('version: 1\nscope: project\ndefault: deny'), request('net.fetch')).decision).toBe('deny');
    expect(decide(load('version: 1\nscope: project\ndefault: allow'), request('net.fetch')).decision).toBe('allow');
  });

  it('allows nothing that it does not understand, whatever the default', () => {
    const open = load('version: 1\nscope: project\ndefault: allow');
    expect(decideLine(open, 'anything at all').decision).toBe('allow');
    expect(decideLine(open, '$X').decision).toBe('ask');
  });

  it('judges an exact vector by the same patterns, without a shell', () => {
    const run = (argv: string[]) => decide(policy, request('shell.run', { action: { argv } }));
    expect(run(['npm', 'test', '*', '$X', '; rm']).decision).toBe('allow');
    expect(run(['git', 'status']).decision).toBe('allow');
    expect(run(['git', 'status', '-s']).decision).toBe('ask');
    expect(run(['npm']).decision).toBe('ask');
    expect(run(['timeout', '5', 'npm', 'test']).decision).toBe('allow');
    expect(run(['sh', '-c', 'npm test && git status']).decision).toBe('allow');
    expect(run(['sh', '-c', 'npm test && other']).decision).toBe('ask');
    expect(run([]).decision).toBe('ask');
  });

  it('says what it understood of a line', () => {
    const { normalised } = decideLine(policy, 'timeout 5 npm test; git $X');
    expect(normalised).toEqual({
      commands: [
        { argv: ['timeout', '5', 'npm', 'test'], dynamic: false },
        { argv: ['npm', 'test'], dynamic: false },
        { argv: ['git', '$X'], dynamic: true },
      ],
      unresolved: [expect.stringContaining('dynamic')],
    });
  });

  it('gives a record that is JSON and says the same twice', () => {
    const once = decideLine(policy, 'npm test > out');
    const twice = decideLine(load(RULES), 'npm test > out');
    expect(canonicalJson(once)).toBe(canonicalJson(twice));
    expect(JSON.parse(JSON.stringify(once))).toEqual(once);
    expect(once).toMatchObject({
      id: 'pdr_1',
      time: '2026-11-22T00:00:00.000Z',
      layers: [{ scope: 'project', path: '.ai/policy.yaml', state: 'loaded' }],
      replay: { deterministic: true, workspace: '/repo', facts: { realPaths: { '/repo/out': '/repo/out' } } },
    });
    expect(once.inputDigest).toMatch(/^sha256:/);
  });

  it('can be replayed from the facts in its record, on any machine', () => {
    const original = decideLine(policy, 'cat a /etc/passwd && npm test > out');
    const { facts, workspace } = original.replay;
    const elsewhere = loadPolicy([layer(RULES)], {
      now: NOW,
      workspace,
      realPath: (path) => facts.realPaths[path] ?? 'missing',
      exists: (path) => facts.exists[path] ?? false,
      resolveProgram: (name, cwd) => facts.programs[`${name} from ${cwd}`] ?? null,
    });
    expect(canonicalJson(decide(elsewhere, original.request as unknown as PolicyRequest))).toBe(
      canonicalJson(original),
    );
  });

  it('refuses a request that is not JSON', () => {
    const bad = request('net.fetch', { resource: { port: Number.NaN } });
    expect(() => decide(policy, bad)).toThrow(PolicyError);
    expect(() => decide(policy, bad)).toThrow(expect.objectContaining({ code: 'REQUEST_INVALID' }));
  });
});

describe('the built-in base', () => {
  const policy = load(RULES);

  it("allows a user's own commands and the system's work on tasks, unless a rule says otherwise", () => {
    expect(decide(policy, request('task.create', { kind: 'user' }))).toMatchObject({
      decision: 'allow',
      reasonCode: 'base',
    });
    expect(decide(policy, request('skill.run', { kind: 'user' })).decision).toBe('allow');
    expect(decide(policy, request('task.land', { kind: 'system' })).reasonCode).toBe('base');
    expect(decide(policy, request('ai.register', { kind: 'system' })).decision).toBe('ask');
    expect(decide(policy, request('task.create', { kind: 'ai' })).decision).toBe('ask');
    const urgent = request('task.create', { kind: 'user', resource: { priority: 20 } });
    expect(decide(policy, urgent)).toMatchObject({ decision: 'deny', reasonCode: 'rule.deny' });
  });

  it('allows a line that a user wrote, however dynamic, unless a rule says otherwise', () => {
    const line = { resource: { origin: 'user' } };
    expect(decideLine(policy, 'for f in *; do echo $f > $f.txt; done', line)).toMatchObject({
      decision: 'allow',
      reasonCode: 'base',
    });
    const strict = load(
      rules('  - { id: net, effect: ask, on: [shell.run], command: { argv: [curl, "..."] } }\n', 'default: deny\n'),
    );
    expect(decideLine(strict, 'ls', line).decision).toBe('allow');
    expect(decideLine(strict, 'curl example.com', line)).toMatchObject({ decision: 'ask', reasonCode: 'rule.ask' });
  });

  it('keeps answers and overrides for users, whatever the rules say', () => {
    const open = load(
      rules('  - { id: a, effect: allow, on: [approval.answer, policy.override] }\n', 'default: allow\n'),
    );
    expect(decide(open, request('approval.answer'))).toMatchObject({ decision: 'deny', reasonCode: 'base' });
    expect(decide(open, request('policy.override', { kind: 'workflow' })).decision).toBe('deny');
    expect(decide(open, request('approval.answer', { kind: 'user' })).decision).toBe('allow');
  });
});

describe('a rule', () => {
  it('in audit mode is recorded and decides nothing', () => {
    const policy = load(rules('  - { id: a, effect: deny, on: [net.fetch], mode: audit }\n', 'default: allow\n'));
    const record = decide(policy, request('net.fetch'));
    expect(record).toMatchObject({
      decision: 'allow',
      reasonCode: 'default',
      matched: [{ rule: 'project/a', applied: false }],
    });
  });

  it('holds through the day it expires and not after', () => {
    const policy = load(
      rules('  - { id: a, effect: deny, on: [net.fetch], expires: 2026-11-30 }\n', 'default: allow\n'),
    );
    const at = (time: number) => decide(policy, request('net.fetch'), time).decision;
    expect(at(Date.UTC(2026, 10, 30, 23, 59))).toBe('deny');
    expect(at(Date.UTC(2026, 11, 1))).toBe('allow');
  });

  it('that cannot be evaluated counts against the request', () => {
    const text = (effect: string) =>
      rules(`  - { id: a, effect: ${effect}, on: [net.fetch], when: 'resource.port == 80' }\n`);
    expect(decide(load(text('deny')), request('net.fetch'))).toMatchObject({
      decision: 'deny',
      reasonCode: 'error.eval',
      errors: [{ rule: 'project/a', at: '.ai/policy.yaml:4:5' }],
    });
    expect(decide(load(text('ask')), request('net.fetch')).reasonCode).toBe('error.eval');
    const allowed = decide(load(text('allow')), request('net.fetch'));
    expect(allowed).toMatchObject({ decision: 'ask', reasonCode: 'default', matched: [] });
    expect(allowed.errors).toHaveLength(1);
  });

  it('whose "unless" cannot be evaluated counts against the request', () => {
    const text = (effect: string) =>
      rules(`  - { id: a, effect: ${effect}, on: [net.fetch], unless: '"x" in subject.labels' }\n`);
    expect(decide(load(text('deny')), request('net.fetch')).decision).toBe('deny');
    expect(decide(load(text('allow')), request('net.fetch')).decision).toBe('ask');
  });

  it('that obliges to a sandbox denies, as there is none; evidence is left to the verdict', () => {
    const text = (obligations: string) =>
      rules(`  - { id: a, effect: allow, on: [shell.run], command: { argv: [ls] }, obligations: [${obligations}] }\n`);
    const obliged = decideLine(load(text('{ sandbox: workspace-write }')), 'ls');
    expect(obliged).toMatchObject({
      decision: 'deny',
      reasonCode: 'obligation.unmet',
      determining: ['project/a'],
      obligations: [{ kind: 'sandbox', want: 'workspace-write', state: 'unmet' }],
    });
    expect(decideLine(load(text('{ sandbox: none }, { evidence: test-report }')), 'ls')).toMatchObject({
      decision: 'allow',
      obligations: [{ state: 'met' }, { kind: 'evidence', want: 'test-report', state: 'pending' }],
    });
  });

  it('on shell.run sees program, words, folder and operands', () => {
    const policy = load(
      rules(`
  - { id: a, effect: allow, on: [shell.run], when: 'action.program == "ls" && action.cwd == "src" && "-l" in action.argv' }
  - { id: b, effect: deny, on: [shell.run], when: '"x.txt" in resource.paths' }
`),
    );
    expect(decideLine(policy, 'ls -l', { action: { cwd: 'src' } }).decision).toBe('allow');
    expect(decideLine(policy, 'ls -l').decision).toBe('ask');
    expect(decideLine(policy, './ls -l', { action: { cwd: 'src' } }).decision).toBe('ask');
    expect(decideLine(policy, 'ls -l --file=x.txt', { action: { cwd: 'src' } }).decision).toBe('deny');
  });

  it('that names a path allows that path from the root of the workspace only', () => {
    const policy = load(rules('  - { id: a, effect: allow, on: [shell.run], command: { argv: ["./build.sh"] } }\n'));
    expect(decideLine(policy, './build.sh').decision).toBe('allow');
    expect(decideLine(policy, './build.sh', { action: { cwd: 'sub' } }).decision).toBe('ask');
    expect(decideLine(policy, 'build.sh').decision).toBe('ask');
  });

  it('that allows every program does not mind where a program lies, but still wants to understand the line', () => {
    const planted = { ...plainMachine, resolveProgram: (name: string) => `/repo/bin/${name}` };
    const policy = load(rules('  - { id: a, effect: allow, on: [shell.run] }\n'), planted);
    expect(decideLine(policy, 'ls && ./x').decision).toBe('allow');
    expect(decideLine(policy, 'ls $X').decision).toBe('ask');
    expect(decideLine(policy, 'env ls').decision).toBe('allow');
  });
});
