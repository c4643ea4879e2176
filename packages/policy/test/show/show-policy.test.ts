import { describe, expect, it } from '@jest/globals';
import { effectiveSettings, loadPolicy } from '../../src/index.js';
import { showPolicy } from '../../src/show/index.js';
import { layer, load, NOW, plainMachine } from '../support.js';

const GLOBAL = `version: 1
scope: global
default: ask
settings:
  sandbox: { value: read-only, locked: true }
  max_concurrent: { value: 4, cap: min }
rules:
  - { id: net, effect: ask, on: [net.fetch], overridable_by: [project], expires: 2020-01-01 }
  - { id: push, effect: deny, on: [shell.run], command: { argv: [git, [push, pull], "..."] }, overridable_by: [project, ai] }`;

const PROJECT = `version: 1
scope: project
default: deny
settings:
  sandbox: { value: none }
  max_concurrent: { value: 8 }
  approval_wait: { value: 10m }
rules:
  - { id: files, effect: allow, on: [file.read], when: '"a" == resource.path || resource.inside', unless: 'context.ci',
      obligations: [ { evidence: log } ], mode: audit, reason: why }
exceptions:
  - { rule: global/push, effect: ask, when: '(subject.id == "x")', by: "user:ana", expires: 2030-01-01 }
  - { rule: global/net, effect: allow }
  - { rule: global/none, effect: allow }`;

const AI = `version: 1
scope: ai
settings: { approval_wait: { value: 1m } }`;

const sources = [
  layer(GLOBAL, { scope: 'global', path: 'global.yaml' }),
  layer(PROJECT),
  layer(AI, { scope: 'ai', path: 'ai.yaml' }),
];

describe('showing a policy', () => {
  const shown = showPolicy(load(sources), { now: NOW });

  it('says where each setting comes from and what overruled the others', () => {
    expect(shown.settings).toEqual([
      {
        name: 'sandbox',
        value: 'read-only',
        from: 'global',
        overruled: [{ from: 'project', value: 'none', why: 'locked', by: 'global' }],
      },
      {
        name: 'max_concurrent',
        value: 4,
        from: 'global',
        overruled: [{ from: 'project', value: 8, why: 'capped', by: 'global' }],
      },
      {
        name: 'approval_wait',
        value: '1m',
        from: 'ai',
        overruled: [{ from: 'project', value: '10m', why: 'nearer', by: 'ai' }],
      },
    ]);
    const pairs = shown.settings.map(({ name, value, from }) => [name, { value, from }]);
    expect(Object.fromEntries(pairs)).toEqual(effectiveSettings(load(sources)));
  });

  it('says where the default comes from', () => {
    expect(shown.default).toEqual({ value: 'deny', from: 'project', overruled: [{ from: 'global', value: 'ask' }] });
    expect(showPolicy(load(null), { now: NOW }).default).toEqual({ value: 'ask', from: 'built-in', overruled: [] });
  });

  it('prints the rules of every layer, with canonical conditions and whether they have expired', () => {
    expect(shown.rules.map(({ id, expired }) => [id, expired])).toEqual([
      ['global/net', true],
      ['global/push', false],
      ['project/files', false],
    ]);
    expect(shown.rules[0]?.expiresAt).toBe('2020-01-02T00:00:00.000Z');
    expect(shown.rules[1]?.command).toEqual(['git', ['push', 'pull'], '...']);
    expect(shown.rules[2]).toEqual({
      id: 'project/files',
      layer: 'project',
      effect: 'allow',
      on: ['file.read'],
      command: null,
      when: 'resource.path == "a" || resource.inside',
      unless: 'context.ci',
      reason: 'why',
      mode: 'audit',
      enforce: 'required',
      expiresAt: null,
      expired: false,
      overridableBy: [],
      obligations: [{ kind: 'evidence', want: 'log' }],
      trusted: true,
      at: '.ai/policy.yaml:9:5',
    });
  });

  it('tells which exceptions have an effect, until when, and why the others have none', () => {
    expect(shown.exceptions.map(({ rule, inEffect, why, expiresAt }) => [rule, inEffect, why, expiresAt])).toEqual([
      ['global/push', true, null, '2030-01-02T00:00:00.000Z'],
      ['global/net', false, 'This exception has no effect: global/net has expired.', null],
      ['global/none', false, 'This exception is for global/none, and there is no such rule.', null],
    ]);
    expect(shown.exceptions[0]).toMatchObject({
      layer: 'project',
      when: 'subject.id == "x"',
      by: 'user:ana',
      only: null,
    });
  });

  it('tells for which AI an override counts, and when it has expired', () => {
    const override = {
      id: 'ovr_1',
      rule: 'global/push',
      effect: 'allow' as const,
      ai: 'codex',
      task: null,
      label: null,
      reason: 'release',
      by: 'user:ana',
      createdAt: '2026-11-22T00:00:00Z',
      expiresAt: '2026-12-01T00:00:00Z',
    };
    const policy = loadPolicy(sources, { now: NOW, workspace: '/repo', ...plainMachine, overrides: [override] });
    const [own] = showPolicy(policy, { now: NOW, ai: 'codex' }).overrides;
    expect(own).toMatchObject({
      layer: 'override',
      inEffect: true,
      reason: 'release',
      only: { ai: 'codex', task: null },
    });
    expect(showPolicy(policy, { now: NOW }).overrides[0]?.inEffect).toBe(true);
    expect(showPolicy(policy, { now: NOW, ai: 'claude' }).overrides[0]?.why).toBe('This override is for codex alone.');
    expect(showPolicy(policy, { now: Date.UTC(2027, 1) }).overrides[0]?.why).toBe('This override has expired.');
  });

  it('says that an exception to a rule in audit mode changes nothing', () => {
    const policy = load(`version: 1
scope: project
rules: [ { id: a, effect: deny, mode: audit, on: [net.fetch], overridable_by: [project] } ]
exceptions: [ { rule: project/a, effect: allow } ]`);
    expect(showPolicy(policy, { now: NOW }).exceptions[0]?.why).toContain('audit mode');
  });

  it('names what an untrusted file may not do, and what is wrong with an invalid one', () => {
    const untrusted = layer('version: 1\nscope: project\nsettings: { max_concurrent: { value: 9, cap: min } }', {
      trusted: false,
    });
    const held = showPolicy(load([sources[0] as never, untrusted]), { now: NOW });
    expect(held.layers[1]).toMatchObject({ state: 'untrusted', rules: 0 });
    expect(held.settings[1]?.overruled).toMatchObject([{ from: 'project', why: 'capped', by: 'global' }]);
    const invalid = showPolicy(load('version: 2'), { now: NOW });
    expect(invalid).toMatchObject({ valid: false, layers: [{ state: 'invalid' }] });
    expect(invalid.problems.length).toBeGreaterThan(0);
  });

  it('is plain JSON', () => {
    expect(JSON.parse(JSON.stringify(shown))).toEqual(shown);
  });
});
