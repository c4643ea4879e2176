import { describe, expect, it } from '@jest/globals';
import { compileForAgent } from '../../src/agents/index.js';
import { initialPolicyYaml } from '../../src/index.js';
import { load, NOW } from '../support.js';

const HOOK = { hookCommand: ['signalbox', 'hook', "it's"], now: NOW };

function compile(rules: string, head = 'default: ask') {
  const policy = load(`version: 1\nscope: project\n${head}\nrules:\n${rules}`);
  expect(policy.problems).toEqual([]);
  const compiled = compileForAgent(policy, 'claude-code', HOOK);
  expect(compiled.files.map(({ path }) => path)).toEqual(['.claude/settings.json']);
  return { ...compiled, settings: JSON.parse(compiled.files[0]?.text ?? '') };
}

const permissions = (rules: string, head?: string) => compile(rules, head).settings.permissions;

describe('a policy as settings of claude', () => {
  it('runs the hook before every tool call, and refuses the call if it cannot be run', () => {
    const { settings } = compile(' []');
    expect(settings.hooks).toEqual({
      PreToolUse: [
        {
          matcher: '*',
          hooks: [{ type: 'command', command: "'signalbox' 'hook' 'it'\\''s' || exit 2", timeout: 86_400 }],
        },
      ],
    });
    expect(settings.permissions).toEqual({
      deny: [],
      ask: [],
      allow: [],
      defaultMode: 'default',
      disableBypassPermissionsMode: 'disable',
    });
  });

  it('says what its patterns can say exactly', () => {
    expect(
      permissions(`  - { id: a, effect: deny, on: [file.read], when: 'resource.path.glob("**/.env*") || resource.path in ["a/b"]' }
  - { id: b, effect: deny, on: [file.write], when: 'resource.path.glob("{.ai,.git}/**") || resource.path.startsWith("x/y")' }
  - { id: c, effect: ask, on: [file.read], when: 'resource.path.endsWith(".pem") || resource.path.contains("secret")' }
  - { id: d, effect: ask, on: [shell.run], command: { argv: [git, [push, pull], "..."] }, when: 'subject.kind == "ai"' }
  - { id: e, effect: deny, on: [shell.run], command: { argv: [git, clean] } }
  - { id: f, effect: deny, on: [net.fetch], when: 'resource.host == "a.com" || resource.host in ["b.com", "c.com"]' }
  - { id: g, effect: ask, on: [net.fetch] }
  - { id: h, effect: deny, on: [tool.call], when: 'action.server == "mail"' }
  - { id: i, effect: deny, on: [shell.run], when: 'action.program == "dd"' }
  - { id: j, effect: deny, on: [file.write], when: 'resource.path == "/etc/x/y"' }`),
    ).toMatchObject({
      deny: [
        'Read(**/.env*)',
        'Read(a/b)',
        'Edit(.ai/**)',
        'Edit(.git/**)',
        'Edit(x/y*)',
        'Edit(x/y*/**)',
        'Bash(git clean)',
        'WebFetch(domain:a.com)',
        'WebFetch(domain:b.com)',
        'WebFetch(domain:c.com)',
        'mcp__mail',
        'Bash(dd:*)',
        'Edit(//etc/x/y)',
      ],
      ask: [
        'Read(**/*.pem)',
        'Read(**/*secret*)',
        'Read(**/*secret*/**)',
        'Bash(git push:*)',
        'Bash(git pull:*)',
        'WebFetch',
        'WebSearch',
      ],
    });
  });

  it('asks instead of denying where a pattern leaves a condition out, and says so', () => {
    const { settings, notes, unenforced } = compile(
      `  - { id: force, effect: deny, on: [shell.run], command: { argv: [git, push, "..."] }, when: '"-f" in action.argv' }
  - { id: rm, effect: deny, on: [shell.run], command: { argv: [rm, "..."] }, unless: '"-i" in action.argv' }
  - { id: mine, effect: deny, on: [file.write], when: 'resource.path.glob("a/**") && subject.id == "x"' }
  - { id: env, effect: deny, on: [file.read], when: 'resource.path.glob("**/.env*")', unless: 'resource.path.endsWith(".example")' }
  - { id: top, effect: deny, on: [file.read], when: 'resource.path == "top.txt"' }`,
    );
    expect(settings.permissions).toMatchObject({
      ask: ['Bash(git push:*)', 'Bash(rm:*)', 'Edit(a/**)'],
      deny: ['Read(**/.env*)', 'Read(top.txt)'],
    });
    expect(notes).toEqual(
      expect.arrayContaining([
        'claude asks about more than project/force is about on shell.run: Bash(git push:*).',
        'claude denies more than project/top is about on file.read: Read(top.txt).',
      ]),
    );
    expect(unenforced.filter(({ why }) => why.startsWith('It asks about')).map(({ rule }) => rule)).toEqual([
      'project/force',
      'project/rm',
      'project/mine',
    ]);
  });

  it('lists what cannot be said, and what nobody but a sandbox enforces', () => {
    const { settings, unenforced } = compile(
      `  - { id: outside, effect: deny, on: [file.write], when: '!resource.inside' }
  - { id: hosts, effect: deny, on: [net.fetch], when: 'resource.host.endsWith(".com")' }
  - { id: tools, effect: ask, on: [tool.call] }
  - { id: star, effect: deny, on: [shell.run], command: { argv: [rm, ["*", "/"]] } }
  - { id: odd, effect: deny, on: [file.read], when: 'resource.path == "a(b)"' }
  - { id: big, effect: deny, on: [shell.run], command: { argv: [x, [${[...'abcdefghijklmnop'].join(', ')}], [${[...'abcdefghijklmnop'].join(', ')}]] } }
  - { id: users, effect: deny, on: [shell.run], command: { argv: [ls] }, when: 'subject.kind == "user"' }
  - { id: tasks, effect: ask, on: [task.create] }`,
    );
    expect(settings.permissions).toMatchObject({ deny: ['Bash(rm /)'], ask: [] });
    const listed = unenforced.map(({ rule, level }) => `${rule} ${level}`);
    expect(listed).toEqual([
      'project/outside settings',
      'project/outside agent',
      'project/hosts settings',
      'project/hosts agent',
      'project/tools settings',
      'project/star settings',
      'project/star settings',
      'project/star agent',
      'project/odd settings',
      'project/odd agent',
      'project/big settings',
      'project/big agent',
    ]);
    expect(unenforced[0]).toEqual({
      rule: 'project/outside',
      at: '.ai/policy.yaml:5:5',
      level: 'settings',
      why: 'Its patterns cannot say what this rule is about on file.write.',
    });
  });

  it('allows exact commands that no other rule is about, and nothing by a prefix', () => {
    const allows = `  - { id: a, effect: allow, on: [shell.run], command: { argv: [npm, [test, "run:x"]] } }
  - { id: b, effect: allow, on: [shell.run], command: { argv: [npm, run, "..."] } }
  - { id: c, effect: allow, on: [shell.run], command: { argv: [make] }, when: 'subject.id == "x"' }
  - { id: d, effect: allow, on: [shell.run], command: { argv: [tap] }, obligations: [ { evidence: log } ] }
  - { id: e, effect: allow, on: [shell.run], command: { argv: [old] }, expires: 2030-01-01 }
  - { id: f, effect: allow, on: [shell.run], command: { argv: [cat, .env] } }`;
    expect(permissions(allows).allow).toEqual(['Bash(npm test)', 'Bash(npm run:x)', 'Bash(cat .env)']);
    const asks = `${allows}
  - { id: g, effect: ask, on: [shell.run], command: { argv: [npm, test, "..."] }, when: '"x" in action.argv' }
  - { id: h, effect: deny, on: [file.read], when: 'resource.path == ".env"' }`;
    expect(permissions(asks).allow).toEqual(['Bash(npm run:x)']);
    const who = `${allows}\n  - { id: i, effect: deny, on: [file.read], when: 'context.ci' }`;
    expect(permissions(who).allow).toEqual([]);
  });

  it('allows whole folders that no rule denies a part of', () => {
    const folder = `  - { id: a, effect: allow, on: [file.write], when: 'resource.path.glob("src/**")' }
  - { id: b, effect: allow, on: [file.write], when: 'resource.path.glob("lib/*.ts")' }
  - { id: c, effect: deny, on: [file.write], when: 'resource.path.glob("docs/**")' }`;
    expect(permissions(folder).allow).toEqual(['Edit(src/**)']);
    const hidden = `${folder}\n  - { id: d, effect: deny, on: [file.write], when: 'resource.path.glob("**/.ENV")' }`;
    expect(permissions(hidden).allow).toEqual([]);
    const unsaid = `${folder}\n  - { id: d, effect: deny, on: [file.write], when: '!resource.inside' }`;
    expect(permissions(unsaid).allow).toEqual([]);
  });

  it('switches the sandbox on where the policy wants one', () => {
    const { settings, notes } = compile(' []', 'settings: { sandbox: { value: read-only } }');
    expect(settings.sandbox).toEqual({
      enabled: true,
      failIfUnavailable: true,
      autoAllowBashIfSandboxed: false,
      allowUnsandboxedCommands: false,
    });
    expect(notes.some((note) => note.includes('read-only'))).toBe(true);
    expect(compile(' []', 'settings: { sandbox: { value: none } }').settings.sandbox).toBeUndefined();
  });

  it('refuses instead of asking where the default is deny, and everything under a policy that is not valid', () => {
    expect(permissions(' []', 'default: deny').defaultMode).toBe('dontAsk');
    const { files, notes } = compileForAgent(load('version: 2'), 'claude-code', HOOK);
    const { permissions: all } = JSON.parse(files[0]?.text ?? '');
    expect(all).toMatchObject({ allow: [], ask: [], defaultMode: 'dontAsk' });
    expect(all.deny).toEqual(expect.arrayContaining(['Bash', 'Read', 'Edit', 'Write', 'WebFetch']));
    expect(notes[0]).toContain('not valid');
  });

  it('holds to a rule that an exception loosens, and says so', () => {
    const text = `version: 1
scope: project
rules:
  - { id: a, effect: allow, on: [shell.run], command: { argv: [cat, x] } }
  - { id: b, effect: deny, on: [file.read], when: 'resource.path == "x"', overridable_by: [project] }
exceptions: [ { rule: project/b, effect: allow, expires: 2030-01-01 } ]`;
    const { files, notes } = compileForAgent(load(text), 'claude-code', HOOK);
    expect(JSON.parse(files[0]?.text ?? '').permissions).toMatchObject({ deny: ['Read(x)'], allow: [] });
    expect(notes).toContain('claude knows no exceptions to project/b.');
    expect(compileForAgent(load(text), 'codex', HOOK).notes).toContain('codex knows no exceptions to project/b.');
  });

  it('leaves out rules in audit mode and rules that have expired', () => {
    const rules = `  - { id: a, effect: deny, on: [net.fetch], mode: audit }
  - { id: b, effect: deny, on: [net.fetch], expires: 2020-01-01 }`;
    expect(permissions(rules)).toMatchObject({ deny: [], ask: [] });
  });

  it('keeps the guards of the policy that init writes', () => {
    const policy = load(initialPolicyYaml({ name: 'demo', testCommands: [['npm', 'test']] }));
    const { files, unenforced } = compileForAgent(policy, 'claude-code', HOOK);
    const { deny, ask, allow } = JSON.parse(files[0]?.text ?? '').permissions;
    expect(deny).toEqual(expect.arrayContaining(['Read(**/.env*)', 'Edit(.ai/**)', 'Bash(rm -rf /:*)']));
    expect(ask).toEqual(expect.arrayContaining(['Bash(curl:*)', 'Bash(git push:*)']));
    expect(allow).not.toContainEqual(expect.stringContaining(':*'));
    expect(unenforced.map(({ rule }) => rule)).toContain('project/stay-in-locks');
  });
});
