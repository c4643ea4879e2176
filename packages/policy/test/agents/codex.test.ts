import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTempDir, realCodex } from '@signalbox/testkit';
import { type CompiledPolicy, compileForAgent } from '../../src/agents/index.js';
import { initialPolicyYaml, type Policy } from '../../src/index.js';
import { layer, load, NOW } from '../support.js';

function compile(policy: Policy): CompiledPolicy {
  return compileForAgent(policy, 'codex', { hookCommand: [], now: NOW });
}

function compileRules(rules: string, head = 'default: ask'): CompiledPolicy & { config: string; rules: string } {
  const policy = load(`version: 1\nscope: project\n${head}\nrules:\n${rules}`);
  expect(policy.problems).toEqual([]);
  const compiled = compile(policy);
  expect(compiled.files.map(({ path }) => path)).toEqual(['.codex/config.toml', '.codex/rules/signalbox.rules']);
  return { ...compiled, config: compiled.files[0]?.text ?? '', rules: compiled.files[1]?.text ?? '' };
}

const RULES = `  - { id: push, effect: ask, on: [shell.run], command: { argv: [git, [push, pull], "..."] }, reason: 'Say "please"' }
  - { id: rm, effect: deny, on: [shell.run], command: { argv: [[rm, shred], -rf, "..."] }, reason: größe }
  - { id: exact, effect: deny, on: [shell.run], command: { argv: [git, clean] } }
  - { id: force, effect: deny, on: [shell.run], command: { argv: [npm, "..."] }, when: '"-f" in action.argv' }
  - { id: reads, effect: deny, on: [file.read], when: 'resource.path.glob("**/.env")' }
  - { id: files, effect: deny, on: [file.write] }
  - { id: net, effect: ask, on: [net.fetch] }
  - { id: tools, effect: ask, on: [tool.call] }
  - { id: any, effect: deny, on: [shell.run], when: 'context.ci' }
  - { id: users, effect: deny, on: [shell.run], command: { argv: [ls] }, when: 'subject.kind == "user"' }
  - { id: ls, effect: allow, on: [shell.run], command: { argv: [ls, "..."] } }`;

describe('a policy as configuration of codex', () => {
  it('says once what two files of one layer both say', () => {
    const text = `version: 1\nscope: project\nrules:\n${RULES}`;
    const twice = load([layer(text), layer(text, { path: '.ai/policy.yaml (as you agreed to it)', trusted: false })]);
    expect(compile(twice).files[1]?.text).toBe(compileRules(RULES).rules);
  });

  it('asks about prefixes, forbids only what is denied whatever follows, and allows none', () => {
    const { rules } = compileRules(RULES);
    expect(rules).toContain(`prefix_rule(
    pattern = ["git", ["push", "pull"]],
    decision = "prompt",
    justification = "Say \\"please\\" (project/push)",
    match = [["git", "push"]],
)`);
    expect([...rules.matchAll(/decision = "(\w+)"/g)].map(([, decision]) => decision)).toEqual([
      'prompt',
      'forbidden',
      'prompt',
      'prompt',
    ]);
  });

  it('names every rule that it does not enforce, and why', () => {
    const { unenforced, notes } = compileRules(RULES);
    const ids = [...new Set(unenforced.map(({ rule }) => rule.replace('project/', '')))];
    expect(ids).toEqual(['push', 'rm', 'exact', 'force', 'reads', 'files', 'net', 'tools', 'any']);
    expect(unenforced.every(({ level, at, why }) => level === 'agent' && at.includes(':') && why.endsWith('.'))).toBe(
      true,
    );
    expect(notes).toContain(
      'codex asks about more than project/force is about: a prefix has no conditions and no end.',
    );
  });

  it('takes approvals, the sandbox and the network from the default and the settings', () => {
    const configs = [
      compileRules(' []').config,
      compileRules(' []', 'default: deny').config,
      compileRules(' []', 'default: allow').config,
      compileRules('  - { id: n, effect: ask, on: [net.fetch] }', 'default: allow').config,
      compileRules(' []', 'default: ask\nsettings: { sandbox: { value: read-only } }').config,
      compile(load('version: 2')).files[0]?.text,
    ];
    const seen = configs.map((config) => [...(config ?? '').matchAll(/= "?([\w-]+)"?/g)].map(([, value]) => value));
    expect(seen).toEqual([
      ['on-request', 'workspace-write', 'false'],
      ['never', 'workspace-write', 'false'],
      ['on-request', 'workspace-write', 'true'],
      ['on-request', 'workspace-write', 'false'],
      ['on-request', 'read-only'],
      ['never', 'read-only'],
    ]);
    expect(compile(load('version: 2')).notes[0]).toContain('not valid');
  });
});

const program = realCodex();

/** Writes what was compiled into a new folder and asks the real codex there. */
function withCodex(
  compiled: CompiledPolicy,
  test: (ask: (...words: string[]) => string, folder: string) => void,
): void {
  const place = createTempDir();
  try {
    for (const { path, text } of compiled.files) {
      mkdirSync(dirname(join(place.path, path)), { recursive: true });
      writeFileSync(join(place.path, path), text);
    }
    const rules = join(place.path, '.codex/rules/signalbox.rules');
    const environment = { PATH: process.env['PATH'], HOME: place.path, CODEX_HOME: join(place.path, '.codex') };
    const ask = (...words: string[]): string => {
      const checked = ['execpolicy', 'check', '--rules', rules, ...words];
      const options = { cwd: place.path, env: environment, encoding: 'utf8' } as const;
      const { stdout, stderr } = spawnSync(program ?? 'codex', checked, options);
      if (stdout === '') throw new Error(stderr);
      return (JSON.parse(stdout) as { decision?: string }).decision ?? 'none';
    };
    test(ask, place.path);
  } finally {
    place.remove();
  }
}

if (program === null) {
  console.log('The real codex program is not installed (npm run agents:install): its tests are left out.');
  describe('the real codex with compiled rules', () => {
    it('is not tested here', () => expect(program).toBeNull());
  });
} else {
  describe('the real codex with compiled rules', () => {
    it('forbids what policy denies, and asks about what policy asks about', () => {
      withCodex(compileRules(RULES), (ask) => {
        expect(ask('rm', '-rf', '/')).toBe('forbidden');
        expect(ask('shred', '-rf', 'x')).toBe('forbidden');
        expect(ask('git', 'push', 'origin')).toBe('prompt');
        expect(ask('git', 'clean')).toBe('prompt');
        expect(ask('npm', 'publish', '-f')).toBe('prompt');
        expect(ask('rm', 'x')).toBe('none');
        expect(ask('ls')).toBe('none');
      });
    });

    it('reads the rules and the configuration of the policy that init writes', () => {
      const policy = load(initialPolicyYaml({ name: 'demo', testCommands: [['npm', 'test']] }));
      withCodex(compile(policy), (ask, folder) => {
        expect(ask('curl', 'https://example.com')).toBe('prompt');
        expect(ask('rm', '-rf', '/')).toBe('forbidden');
        expect(ask('npm', 'test')).toBe('none');
        const options = { env: { PATH: process.env['PATH'], HOME: folder, CODEX_HOME: join(folder, '.codex') } };
        const login = spawnSync(program, ['login', 'status'], { ...options, encoding: 'utf8' });
        expect(login.stderr).not.toContain('Error');
      });
    });
  });
}
