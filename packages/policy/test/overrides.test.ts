import { describe, expect, it } from '@jest/globals';
import { sha256 } from '@signalbox/kernel';
import { checkOverride, type LayerSource, type PolicyOverride } from '../src/index.js';
import { decide, decideLine, layer, load, NOW, type RequestChanges, request } from './support.js';

const DAY_MS = 86_400_000;

const rules = (overridable: string, more = ''): LayerSource =>
  layer(
    `version: 1
scope: global
rules:
  - { id: net, effect: deny, on: [net.fetch], overridable_by: [${overridable}] }
  - { id: push, effect: ask, on: [shell.run], command: { argv: [git, push, "..."] }, overridable_by: [${overridable}] }
  - { id: reset, effect: deny, on: [shell.run], command: { argv: [git, reset, "..."] }, overridable_by: [${overridable}] }
  - { id: env, effect: deny, on: [file.read], when: 'resource.path == ".env"', overridable_by: [${overridable}] }
  - { id: cat, effect: allow, on: [shell.run], command: { argv: [cat, "..."] } }
${more}`,
    { scope: 'global', path: '~/policy.yaml' },
  );

const override = (changes: Partial<PolicyOverride> = {}): PolicyOverride => ({
  id: 'ovr_1',
  rule: 'global/net',
  effect: 'allow',
  ai: null,
  task: null,
  label: null,
  reason: 'mirror is down',
  by: 'user:ana',
  createdAt: '2026-11-21T00:00:00Z',
  expiresAt: null,
  ...changes,
});

const loadWith = (overridable: string, ...overrides: PolicyOverride[]) => load([rules(overridable)], { overrides });
const fetchWith = (overridable: string, changes: Partial<PolicyOverride>, by: RequestChanges = {}) =>
  decide(loadWith(overridable, override(changes)), request('net.fetch', by)).decision;

describe('an override', () => {
  it('loosens a rule that the project may override, and is named in the record with its layer', () => {
    const record = decide(loadWith('project', override()), request('net.fetch'));
    expect(record).toMatchObject({
      decision: 'allow',
      reasonCode: 'rule.allow',
      determining: ['global/net'],
      exceptionsUsed: [
        { rule: 'global/net', effect: 'allow', at: 'overrides:ovr_1', by: 'user:ana', reason: 'mirror is down' },
      ],
      layers: [{ scope: 'global' }, { scope: 'override', path: 'overrides', state: 'loaded' }],
    });
    expect(record.reason).toContain('with the exception at overrides:ovr_1');
    expect(fetchWith('project', { effect: 'ask' })).toBe('ask');
  });

  it('for one AI also loosens what only an AI layer may override', () => {
    expect(fetchWith('ai', {})).toBe('deny');
    expect(fetchWith('ai', { ai: 'codex' })).toBe('allow');
    expect(fetchWith('global', { ai: 'codex' })).toBe('deny');
    expect(fetchWith('', { ai: 'codex' })).toBe('deny');
  });

  it('holds only for the AI, the task and the label it names', () => {
    expect(fetchWith('project', { ai: 'codex' })).toBe('allow');
    expect(fetchWith('project', { ai: 'other' })).toBe('deny');
    expect(fetchWith('project', { ai: 'codex' }, { kind: 'user', id: 'codex' })).toBe('deny');
    expect(fetchWith('project', { task: 'tsk_1' })).toBe('allow');
    expect(fetchWith('project', { task: 'tsk_2' })).toBe('deny');
    const task = { id: 'tsk_1', type: 'feature', labels: { area: 'a=b' } };
    expect(fetchWith('project', { label: 'area=a=b' }, { task })).toBe('allow');
    expect(fetchWith('project', { label: 'area=a' }, { task })).toBe('deny');
    expect(fetchWith('project', { label: 'toString=x' }, { task })).toBe('deny');
    expect(fetchWith('project', { ai: 'codex', task: 'tsk_2' })).toBe('deny');
  });

  it('does nothing from its expiry on', () => {
    const expiresAt = new Date(NOW + DAY_MS).toISOString();
    const policy = loadWith('project', override({ expiresAt }));
    const at = (time: number) => decide(policy, request('net.fetch'), time);
    expect(at(NOW + DAY_MS - 1).decision).toBe('allow');
    expect(at(NOW + DAY_MS)).toMatchObject({ decision: 'deny', exceptionsUsed: [] });
  });

  it('does nothing for a line that is not understood', () => {
    const policy = loadWith('project', override({ rule: 'global/push' }));
    expect(decideLine(policy, 'git push origin').decision).toBe('allow');
    expect(decideLine(policy, 'git push $WHERE')).toMatchObject({ decision: 'ask', exceptionsUsed: [] });
    const forbidden = loadWith('project', override({ rule: 'global/reset' }));
    expect(decideLine(forbidden, 'git reset --hard').decision).toBe('allow');
    expect(decideLine(forbidden, 'git reset $WHAT')).toMatchObject({ decision: 'deny', exceptionsUsed: [] });
  });

  it('for a file counts also where a command reads the file', () => {
    expect(decideLine(loadWith('project'), 'cat .env').decision).toBe('deny');
    expect(decideLine(loadWith('project', override({ rule: 'global/env' })), 'cat .env').decision).toBe('allow');
  });

  it('that can do nothing gives a warning, and so does one that has expired', () => {
    const of = (changes: Partial<PolicyOverride>) => loadWith('project', override(changes)).warnings;
    expect(of({})).toEqual([]);
    expect(of({ rule: 'global/none' })).toEqual(['The override ovr_1 is for global/none, and there is no such rule.']);
    expect(of({ expiresAt: '2026-01-01T00:00:00Z' })).toEqual(['The override ovr_1 has expired.']);
    expect(of({ rule: 'global/push', effect: 'ask' })[0]).toContain('ask is not looser');
    expect(loadWith('ai', override()).warnings[0]).toContain('not overridable by project');
    expect(loadWith('global', override({ ai: 'codex' })).warnings[0]).toContain('not overridable by project or ai');
  });

  it('can be checked before it is granted', () => {
    const policy = loadWith('project');
    expect(checkOverride(policy, override())).toBeNull();
    expect(checkOverride(policy, override({ rule: 'global/none' }))).toContain('no such rule');
    expect(checkOverride(policy, override({ rule: 'global/cat' }))).toContain('not overridable');
    expect(checkOverride(policy, override({ by: 'ai:codex' }))).toContain('Only a user');
    expect(checkOverride(policy, override({ reason: '\ud800' }))).toContain('cannot be read');
  });
});

describe('the layer of overrides', () => {
  it('has the same text and digest whatever the order of the list, and none without overrides', () => {
    const two = [override(), override({ id: 'ovr_2', rule: 'global/push' })];
    const [forwards, backwards] = [loadWith('project', ...two), loadWith('project', ...[...two].reverse())];
    expect(forwards.digest).toBe(backwards.digest);
    const source = forwards.sources.at(-1);
    expect(source).toMatchObject({ scope: 'override', path: 'overrides', trusted: true });
    expect(forwards.layers.at(-1)?.digest).toBe(sha256(source?.text ?? ''));
    expect(loadWith('project').layers).toHaveLength(1);
  });

  it('keeps nothing that a store knows besides', () => {
    const stored = { ...override(), revoked: null };
    const policy = loadWith('project', stored);
    expect(policy.problems).toEqual([]);
    expect(policy.sources.at(-1)?.text).not.toContain('revoked');
  });

  it('can be loaded again from its source alone', () => {
    const policy = loadWith('project', override());
    const again = load([...policy.sources]);
    expect(again.digest).toBe(policy.digest);
    expect(decide(again, request('net.fetch'))).toEqual(decide(policy, request('net.fetch')));
  });

  it.each([
    ['no JSON', '{'],
    ['no list', '{}'],
    ['a strange entry', '[{}]'],
    ['an agent as its author', JSON.stringify([override({ by: 'ai:codex' })])],
    ['a label without a value', JSON.stringify([override({ label: 'x' })])],
    ['an expiry that is no time', JSON.stringify([override({ expiresAt: 'tomorrow' })])],
    ['two of one id', JSON.stringify([override(), override()])],
    ['a member called __proto__', JSON.stringify([override()]).replace('"ai"', '"__proto__":{},"ai"')],
    ['more than 1 MiB', JSON.stringify([override({ reason: 'x'.repeat(1024 * 1024) })])],
    ['ten thousand brackets', '['.repeat(10_000)],
  ])('denies everything if it is damaged: %s', (_what, text) => {
    const policy = load([rules('project'), layer(text, { scope: 'override', path: 'overrides' })]);
    expect(policy.layers.at(-1)?.state).toBe('invalid');
    expect(decide(policy, request('task.create', { kind: 'user' }))).toMatchObject({
      decision: 'deny',
      reasonCode: 'error.policy',
    });
  });

  it('denies everything if it cannot be written down', () => {
    const policy = loadWith('project', override({ reason: '\ud800' }));
    expect(decide(policy, request('net.fetch')).reasonCode).toBe('error.policy');
  });

  it('of a source that is not trusted loosens nothing', () => {
    const source = loadWith('project', override()).sources.at(-1) as LayerSource;
    const policy = load([rules('project'), { ...source, trusted: false }]);
    expect(decide(policy, request('net.fetch')).decision).toBe('deny');
  });

  it('cannot be claimed by a file', () => {
    const [problem] = load('version: 1\nscope: override\n').problems;
    expect(problem?.message).toContain('scope is not "override"');
  });
});
