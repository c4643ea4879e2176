import { describe, expect, it } from '@jest/globals';
import { checkPolicy, initialPolicyYaml } from '../src/index.js';
import { decide, decideLine, judgeLine, layer, load, request } from './support.js';

const project = {
  name: 'demo',
  testCommands: [
    ['npm', 'test'],
    ['./gradlew', 'check'],
    ['npx', 'vitest', 'run'],
  ],
};

describe('the initial policy', () => {
  it('is valid, passes its own tests and warns of nothing', () => {
    expect(checkPolicy(layer(initialPolicyYaml(project)))).toEqual([]);
    expect(load(initialPolicyYaml(project)).warnings).toEqual([]);
  });

  it.each([
    [[['bash', '-c', 'npm test']]],
    [[['timeout', '5', 'make']]],
    [[['git', 'push', '--force']]],
    [[['curl', 'example.com']]],
    [[['npm', 'install']]],
    [
      [
        ['npm', 'ci'],
        ['npm', 'test'],
      ],
    ],
    [[['a', '...'], ['/usr/bin/make'], [], ['true', 'null', '-1', 'a: b', '#', '"', "'", 'é', '{', '*']]],
    [[['cat', '.env'], ['x\ny']]],
  ])('stays valid whatever the test commands are: %j', (testCommands) => {
    expect(checkPolicy(layer(initialPolicyYaml({ name: 'x\ny: [', testCommands })))).toEqual([]);
  });

  it("allows the project's own commands by their words", () => {
    const policy = load(initialPolicyYaml(project));
    expect(judgeLine(policy, 'npm test -- --watch=false')).toBe('allow');
    expect(judgeLine(policy, './gradlew check')).toBe('allow');
    expect(judgeLine(policy, './gradlew publish')).toBe('ask');
    expect(judgeLine(policy, 'npx vitest run && npx other')).toBe('ask');
  });

  it("lets a user's own line run, and asks about its network and installs when an agent runs it", () => {
    const policy = load(initialPolicyYaml(project));
    const own = { kind: 'user', resource: { origin: 'user' } } as const;
    expect(decideLine(policy, 'node scripts/make.js > out.txt', own)).toMatchObject({ decision: 'allow' });
    expect(judgeLine(policy, 'make -j $(nproc)', own)).toBe('allow');
    expect(judgeLine(policy, 'npm ci', own)).toBe('allow');
    expect(judgeLine(policy, 'rm -rf /', own)).toBe('deny');
    const forAgent = { resource: { origin: 'user' } } as const;
    expect(judgeLine(policy, 'curl example.com', forAgent)).toBe('ask');
    expect(judgeLine(policy, 'npm ci', forAgent)).toBe('ask');
  });

  it('keeps writes inside the locks of the task', () => {
    const policy = load(initialPolicyYaml(project));
    const task = { id: 'tsk_1', type: 'feature', labels: {}, locks: ['src/**'] };
    const write = (path: string) => decide(policy, request('file.write', { task, resource: { path } })).decision;
    expect(write('src/a.ts')).toBe('allow');
    expect(write('docs/a.md')).toBe('deny');
    expect(judgeLine(policy, 'ls > docs/a.md', { task })).toBe('deny');
    expect(judgeLine(policy, 'ls > src/a.txt', { task })).toBe('allow');
    const told = request('file.write', { resource: { path: 'src/a.ts', in_locks: false } });
    expect(decide(policy, told).decision).toBe('deny');
  });

  it('says what an agent may do with files', () => {
    const policy = load(initialPolicyYaml(project));
    const read = (path: string) => decide(policy, request('file.read', { resource: { path } })).decision;
    const write = (path: string) => decide(policy, request('file.write', { resource: { path } })).decision;
    expect(['src/a.ts', '.ai/policy.yaml', '.env.example'].map(read)).toEqual(['allow', 'allow', 'allow']);
    expect(['.env', 'deploy/key.pem', '.git/config', '.ai/state/db'].map(read)).toEqual([
      'deny',
      'deny',
      'deny',
      'deny',
    ]);
    expect(['.env', '.ai/policy.yaml', '.git/HEAD', '/etc/hosts'].map(write)).toEqual(['deny', 'deny', 'deny', 'deny']);
    expect(decide(policy, request('file.write')).decision).toBe('deny');
  });
});
