import { describe, expect, it } from '@jest/globals';
import type { Effect, LayerSource, PolicyRequest } from '../src/index.js';
import { createRandom, type Random } from './random.js';
import { decide, layer, load, request } from './support.js';

const STRICTNESS: Record<Effect, number> = { allow: 0, ask: 1, deny: 2 };
const EFFECTS: Effect[] = ['allow', 'ask', 'deny'];

describe('whatever the layers say', () => {
  it('a trusted lower layer never loosens what a rule upstream decided and did not open', () => {
    const random = createRandom(11);
    for (let round = 0; round < 400; round++) {
      const upstream = randomLayer(random, 'global', true);
      const lower = randomLayer(random, 'project', true);
      for (const what of randomRequests(random)) {
        const before = decide(load([upstream]), what);
        const after = decide(load([upstream, lower]), what);
        if (before.reasonCode === 'default' || after.exceptionsUsed.length > 0) continue;
        expect(STRICTNESS[after.decision]).toBeGreaterThanOrEqual(STRICTNESS[before.decision]);
      }
    }
  });

  it('an untrusted lower layer never loosens anything', () => {
    const random = createRandom(12);
    for (let round = 0; round < 400; round++) {
      const upstream = randomLayer(random, 'global', true);
      const lower = randomLayer(random, 'project', false);
      for (const what of randomRequests(random)) {
        const before = decide(load([upstream]), what);
        const after = decide(load([upstream, lower]), what);
        expect(STRICTNESS[after.decision]).toBeGreaterThanOrEqual(STRICTNESS[before.decision]);
      }
    }
  });

  it('a line is never judged looser than any of its commands', () => {
    const random = createRandom(13);
    for (let round = 0; round < 300; round++) {
      const policy = load([randomLayer(random, 'global', true), randomLayer(random, 'project', true)]);
      const parts = [random.pick(LINES), random.pick(LINES)];
      const judge = (command: string) =>
        STRICTNESS[decide(policy, request('shell.run', { action: { command } })).decision];
      expect(judge(parts.join(random.pick([' && ', '; ', ' | ', '\n'])))).toBeGreaterThanOrEqual(
        Math.max(...parts.map(judge)),
      );
    }
  });
});

const LINES = ['git push', 'git status', 'npm test', 'ls', 'ls $X', 'timeout 5 npm test', 'ls > src/a.ts', 'cat .env'];
const CONDITIONS = [
  '',
  `, when: 'subject.id == "codex"'`,
  `, when: 'context.headless'`,
  `, unless: '"release" in context.task.labels'`,
  `, when: '"x" in subject.labels'`,
];

function randomLayer(random: Random, scope: 'global' | 'project', trusted: boolean): LayerSource {
  const rules = Array.from({ length: random.below(5) }, (_, index) => randomRule(random, index));
  const exceptions = Array.from(
    { length: random.below(3) },
    () => `  - { rule: global/r${random.below(5)}, effect: ${random.pick(['allow', 'ask'])} }\n`,
  );
  const fallback = random.below(2) === 0 ? `default: ${random.pick(EFFECTS)}\n` : '';
  const lists = [
    rules.length > 0 ? `rules:\n${rules.join('')}` : '',
    exceptions.length > 0 ? `exceptions:\n${exceptions.join('')}` : '',
  ];
  return layer(`version: 1\nscope: ${scope}\n${fallback}${lists.join('')}`, { scope, trusted });
}

function randomRule(random: Random, index: number): string {
  const effect = random.pick(EFFECTS);
  const overridable = random.below(3) === 0 ? ', overridable_by: [project]' : '';
  const mode = random.below(6) === 0 ? ', mode: audit' : '';
  const about = random.pick([
    'on: [file.read]',
    'on: [file.write]',
    `on: [file.read], when: 'resource.path.glob("**/.env")'`,
    `on: [shell.run], command: { argv: [git, [push, status], "..."] }${random.pick(CONDITIONS)}`,
    `on: [shell.run], command: { argv: [npm, "..."] }${random.pick(CONDITIONS)}`,
    `on: [shell.run]${random.pick(CONDITIONS)}`,
    `on: [net.fetch]${random.pick(CONDITIONS)}`,
  ]);
  return `  - { id: r${index}, effect: ${effect}, ${about}${overridable}${mode} }\n`;
}

function randomRequests(random: Random): PolicyRequest[] {
  return [
    request('net.fetch', { id: random.pick(['codex', 'other']) }),
    request('file.read', { resource: { path: random.pick(['.env', 'src/a.ts']) } }),
    request('shell.run', { action: { command: random.pick(LINES) } }),
    request('shell.run', {
      kind: 'user',
      action: { command: random.pick(LINES) },
      resource: { origin: 'user' },
    }),
  ];
}
