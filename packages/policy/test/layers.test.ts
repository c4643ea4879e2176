import { describe, expect, it } from '@jest/globals';
import { effectiveSettings, type LayerSource } from '../src/index.js';
import { decide, layer, load, request } from './support.js';

const global = (body: string): LayerSource =>
  layer(`version: 1\nscope: global\n${body}`, { scope: 'global', path: '~/policy.yaml' });
const project = (body: string, trusted = true): LayerSource =>
  layer(`version: 1\nscope: project\n${body}`, { trusted });
const ai = (body: string): LayerSource =>
  layer(`version: 1\nscope: ai\n${body}`, { scope: 'ai', path: '.ai/policy/codex.yaml' });

const fetchDecision = (sources: LayerSource[]) =>
  decide(load(sources), request('net.fetch', { resource: { host: 'a.b' } }));
const rule = (id: string, effect: string, more = ''): string =>
  `rules: [{ id: ${id}, effect: ${effect}, on: [net.fetch]${more} }]\n`;

describe('layers', () => {
  it('are united, and the strictest effect wins whichever layer it stands in', () => {
    expect(fetchDecision([project(rule('p', 'allow')), global(rule('g', 'deny'))])).toMatchObject({
      decision: 'deny',
      determining: ['global/g'],
      layers: [{ scope: 'global' }, { scope: 'project' }],
    });
    expect(fetchDecision([global(rule('g', 'allow')), ai(rule('a', 'ask'))]).decision).toBe('ask');
  });

  it('can make the default stricter and not looser', () => {
    expect(fetchDecision([global('default: allow'), project('default: deny')]).decision).toBe('deny');
    expect(fetchDecision([global('default: deny'), project('default: allow')]).decision).toBe('deny');
  });

  it('that are absent count as nothing', () => {
    const record = fetchDecision([global(rule('g', 'allow')), layer(null)]);
    expect(record.decision).toBe('allow');
    expect(record.layers[1]).toMatchObject({ state: 'absent', digest: null });
  });

  it('that are invalid deny everything and say where the mistake is', () => {
    const record = decide(load([project('defualt: ask')]), request('task.create', { kind: 'user' }));
    expect(record).toMatchObject({ decision: 'deny', reasonCode: 'error.policy', layers: [{ state: 'invalid' }] });
    expect(record.reason).toContain('.ai/policy.yaml:3:1');
    expect(record.reason).toContain('Did you mean "default"?');
  });

  it('that are not trusted tighten and do not loosen', () => {
    const untrusted = (body: string) => fetchDecision([global('default: ask'), project(body, false)]);
    expect(untrusted(rule('p', 'allow'))).toMatchObject({ decision: 'ask', layers: [{}, { state: 'untrusted' }] });
    expect(untrusted(rule('p', 'deny')).decision).toBe('deny');
    expect(untrusted('default: deny').decision).toBe('deny');
    expect(untrusted('default: allow').decision).toBe('ask');
    expect(fetchDecision([project('default: allow', false)]).decision).toBe('ask');
    const excepted = [
      global(rule('g', 'deny', ', overridable_by: [project]')),
      project('exceptions: [{ rule: global/g, effect: allow }]', false),
    ];
    expect(fetchDecision(excepted).decision).toBe('deny');
  });
});

describe('an exception', () => {
  const upstream = global(rule('g', 'deny', ', overridable_by: [project]'));
  const exception = (more = ''): string => `exceptions: [{ rule: global/g, effect: allow, by: 'user:ana'${more} }]\n`;

  it('loosens a rule where that rule says so, and is named in the record', () => {
    const record = fetchDecision([upstream, project(exception(', reason: vendored'))]);
    expect(record).toMatchObject({
      decision: 'allow',
      reasonCode: 'rule.allow',
      determining: ['global/g'],
      exceptionsUsed: [
        { rule: 'global/g', effect: 'allow', by: 'user:ana', reason: 'vendored', at: '.ai/policy.yaml:3:14' },
      ],
    });
    expect(record.reason).toContain('vendored');
  });

  it('does nothing in a layer that the rule does not name', () => {
    const sources = [upstream, ai(exception())];
    expect(fetchDecision(sources).decision).toBe('deny');
    expect(load(sources).warnings).toEqual([
      'The exception at .ai/policy/codex.yaml:3:14 has no effect: global/g is not overridable by ai.',
    ]);
  });

  it('does nothing after it has expired, where its condition fails or cannot be evaluated', () => {
    expect(fetchDecision([upstream, project(exception(', expires: 2026-01-01'))]).decision).toBe('deny');
    expect(fetchDecision([upstream, project(exception(`, when: 'subject.id == "other"'`))]).decision).toBe('deny');
    expect(fetchDecision([upstream, project(exception(`, when: 'resource.port == 1'`))]).decision).toBe('deny');
    expect(fetchDecision([upstream, project(exception(`, when: 'subject.id == "codex"'`))]).decision).toBe('allow');
  });

  it('to ask turns a deny into a question', () => {
    const asks = 'exceptions: [{ rule: global/g, effect: ask }]';
    expect(fetchDecision([upstream, project(asks)])).toMatchObject({ decision: 'ask', reasonCode: 'rule.ask' });
  });

  it('does not allow a line that is not understood', () => {
    const rules = 'rules: [{ id: g, effect: deny, on: [shell.run], overridable_by: [project] }]';
    const policy = load([global(rules), project(exception())]);
    const run = (command: string) => decide(policy, request('shell.run', { action: { command } })).decision;
    expect(run('ls')).toBe('allow');
    expect(run('ls $X')).toBe('ask');
  });

  it('for a rule that does not exist, or past its date, gives a warning', () => {
    const policy = load([
      project(`exceptions: [{ rule: global/none, effect: allow, expires: '2026-01-01T00:00:00Z' }]`),
    ]);
    expect(policy.warnings).toHaveLength(2);
    expect(load([project(rule('p', 'deny', ', expires: 2020-01-01'))]).warnings[0]).toContain('has expired');
  });
});

describe('settings', () => {
  const settings = (sources: LayerSource[]) => effectiveSettings(load(sources));
  const set = (body: string): string => `settings: { ${body} }\n`;

  it('come from the nearest layer, unless one above locks them', () => {
    const found = settings([
      global(set('sandbox: { value: workspace-write, locked: true }, max_concurrent: { value: 4 }')),
      project(set('sandbox: { value: none }, max_concurrent: { value: 8 }, approval_wait: { value: 5m }')),
    ]);
    expect(found).toEqual({
      sandbox: { value: 'workspace-write', from: 'global' },
      max_concurrent: { value: 8, from: 'project' },
      approval_wait: { value: '5m', from: 'project' },
    });
  });

  it('under a cap are the smallest of all layers', () => {
    const capped = global(set('max_concurrent: { value: 4, cap: min }, approval_wait: { value: 10m, cap: min }'));
    const found = settings([capped, project(set('max_concurrent: { value: 8 }, approval_wait: { value: 90s }'))]);
    expect(found).toEqual({
      max_concurrent: { value: 4, from: 'global' },
      approval_wait: { value: '90s', from: 'project' },
    });
  });

  it('of an untrusted layer count only where they cap to something smaller', () => {
    const above = global(set('max_concurrent: { value: 4 }, sandbox: { value: workspace-write }'));
    const below = (value: number) =>
      project(set(`max_concurrent: { value: ${value}, cap: min }, sandbox: { value: none }`), false);
    expect(settings([above, below(2)])).toMatchObject({
      max_concurrent: { value: 2 },
      sandbox: { value: 'workspace-write' },
    });
    expect(settings([above, below(9)])).toMatchObject({ max_concurrent: { value: 4, from: 'global' } });
    expect(settings([project('defualt: x')])).toEqual({});
  });

  it('of an untrusted layer count against what is built in where no layer says anything', () => {
    const alone = (body: string) => settings([project(set(body), false)]);
    expect(alone('approval_expiry: { value: 9000h, cap: min }, approval_wait: { value: 10m, cap: min }')).toEqual({});
    expect(alone('approval_expiry: { value: 2h, cap: min }, max_concurrent: { value: 2, cap: min }')).toEqual({
      approval_expiry: { value: '2h', from: 'project' },
      max_concurrent: { value: 2, from: 'project' },
    });
  });

  it('of an untrusted layer limit what trusted layers below it say, and give way to a lock above it', () => {
    const below = layer(`version: 1\nscope: ai\n${set('max_concurrent: { value: 8 }')}`, {
      scope: 'ai',
      path: 'ai.yaml',
    });
    const untrusted = project(set('max_concurrent: { value: 2, cap: min }'), false);
    expect(settings([untrusted, below])).toEqual({ max_concurrent: { value: 2, from: 'project' } });
    const locked = global(set('max_concurrent: { value: 4, locked: true }'));
    expect(settings([locked, untrusted, below])).toEqual({ max_concurrent: { value: 4, from: 'global' } });
    // A cap that changes nothing does not hold lower layers down either.
    const idle = project(set('approval_wait: { value: 30m, cap: min }'), false);
    const longer = layer(`version: 1\nscope: ai\n${set('approval_wait: { value: 20m }')}`, {
      scope: 'ai',
      path: 'ai.yaml',
    });
    expect(settings([idle, longer])).toEqual({ approval_wait: { value: '20m', from: 'ai' } });
  });
});
