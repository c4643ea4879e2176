import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Project, shellAI, withProject } from './support/project.js';

const policyOf = (project: Project): string => join(project.root, '.ai/policy.yaml');

/** Breaks the policy: a rule with an effect that there is not. */
function breakPolicy(project: Project): void {
  const text = readFileSync(policyOf(project), 'utf8');
  writeFileSync(
    policyOf(project),
    text.replace('\nrules:\n', '\nrules:\n  - { id: odd, effect: maybe, on: [shell.run] }\n'),
  );
}

describe('signalbox policy validate', () => {
  it('finds nothing in what init wrote, nor in a policy for everywhere and one for an AI', () =>
    withProject({}, async (project) => {
      expect(await project.ask('policy', 'validate')).toEqual({ valid: true, files: ['.ai/policy.yaml'] });
      project.write('.ai/policy/sh.yaml', 'version: 1\nscope: ai\nrules: []\n');
      project.write(join(project.place, 'signalbox/policy.yaml'), 'version: 1\nscope: global\nrules: []\n');
      const { exitCode, stdout } = await project.run(['policy', 'validate']);
      expect(exitCode).toBe(0);
      expect(stdout).toMatch(/^Valid: \S+signalbox\/policy\.yaml, \.ai\/policy\.yaml, \.ai\/policy\/sh\.yaml\.\n$/);
    }));

  it('says of each fault where it is, for a script and for a person', () =>
    withProject({}, async (project) => {
      breakPolicy(project);
      const { exitCode, stdout } = await project.run(['policy', 'validate', '--json']);
      expect(exitCode).toBe(7);
      const { valid, problems } = JSON.parse(stdout);
      expect(valid).toBe(false);
      expect(problems[0]).toEqual({
        file: '.ai/policy.yaml',
        line: expect.any(Number),
        column: expect.any(Number),
        code: expect.any(String),
        message: expect.any(String),
      });
      const human = await project.run(['policy', 'validate']);
      expect(human.exitCode).toBe(7);
      expect(human.stdout).toContain(`.ai/policy.yaml:${problems[0].line}:${problems[0].column} ${problems[0].code} `);
    }));

  it('checks a file that is named, wherever it is, for what it says it is', () =>
    withProject({ init: false }, async (project) => {
      project.write('everywhere.yaml', 'version: 1\nscope: global\nrules: []\n');
      project.write('unsaid.yaml', 'rules: oops\n');
      expect(await project.ask('policy', 'validate', 'everywhere.yaml')).toMatchObject({ valid: true });
      const { exitCode, stdout } = await project.run([
        'policy',
        'validate',
        'everywhere.yaml',
        'unsaid.yaml',
        '--json',
      ]);
      expect(exitCode).toBe(7);
      expect(JSON.parse(stdout).problems[0]).toMatchObject({ file: 'unsaid.yaml' });
      const missing = await project.run(['policy', 'validate', 'nowhere.yaml', '--json']);
      expect([missing.exitCode, JSON.parse(missing.stderr).error.code]).toEqual([3, 'NOT_FOUND']);
      expect((await project.run(['policy', 'validate', project.place])).exitCode).toBe(2);
    }));
});

describe('a policy that does not load', () => {
  it('ends what it would decide, naming the place, and lets a person look around', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo b > b.txt');
      const { id } = await project.add('x', '--check', 'true');
      breakPolicy(project);
      for (const argv of [
        ['task', 'create', 'y'],
        ['task', 'claim', id, '--as', 'ana'],
        ['task', 'claim', '--as', 'ana'],
        ['task', 'execute', id],
      ]) {
        const { exitCode, stdout, stderr } = await project.run([...argv, '--json']);
        expect({ argv, exitCode, stdout }).toEqual({ argv, exitCode: 7, stdout: '' });
        const error = JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error;
        expect(error.code).toBe('POLICY_INVALID');
        expect(error.message).toMatch(/\.ai\/policy\.yaml:\d+:\d+/);
      }
      for (const argv of [['task', 'list'], ['status'], ['audit', 'verify'], ['ai', 'list']]) {
        expect((await project.run(argv)).exitCode).toBe(0);
      }
    }));
});

describe('signalbox policy explain', () => {
  it('gives the decision and the rules that made it, recording nothing', () =>
    withProject({}, async (project) => {
      const before = await project.ask<{ entries: number }>('audit', 'verify');
      const record = await project.ask('policy', 'explain', 'shell.run', '--command', 'git push --force');
      expect(record).toMatchObject({
        decision: 'deny',
        reasonCode: expect.any(String),
        matched: [
          { rule: 'project/guard-force-push', effect: 'deny', at: expect.stringMatching(/policy\.yaml:\d+:\d+$/) },
          { rule: 'project/ask-git-remote', effect: 'ask' },
        ],
        determining: ['project/guard-force-push'],
      });
      expect(await project.ask('audit', 'verify')).toMatchObject({ entries: before.entries });
    }));

  it('tells a person in a paragraph, with what was judged', () =>
    withProject({}, async (project) => {
      const { stdout } = await project.run(['policy', 'explain', 'shell.run', '--command', 'ls && "$TOOL" x']);
      expect(stdout).toMatch(/^ask \(\w+\): /);
      expect(stdout).toContain('judged as:\n  ls\n');
      expect(stdout).toContain('cannot be allowed without asking: ');
      const force = await project.run(['policy', 'explain', 'shell.run', '--command', 'git push --force']);
      expect(force.stdout).toMatch(/^→ deny {2}project\/guard-force-push {2}/m);
    }));

  it('takes the part that each action is about', () =>
    withProject({}, async (project) => {
      await shellAI(project, ':');
      const { id } = await project.add('x', '--lock', 'src/**');
      const decision = async (...argv: string[]): Promise<string> =>
        (await project.ask<{ decision: string }>('policy', 'explain', ...argv)).decision;
      expect(await decision('file.read', '--path', 'src/a.txt')).toBe('allow');
      expect(await decision('file.read', '--path', '.env')).toBe('deny');
      expect(await decision('file.write', '--path', '.ai/policy.yaml', '--ai', 'sh', '--task', id)).toBe('deny');
      expect(await decision('net.fetch', '--url', 'https://example.invalid/x', '--interactive')).toBe('ask');
      expect(await decision('tool.call', '--tool', 'x', '--headless')).toBe('ask');
      expect(await decision('task.create', '--set', 'type=chore')).toBe('allow');
    }));

  it.each([
    [['shell.run'], 2, 'USAGE'],
    [['file.read'], 2, 'USAGE'],
    [['net.fetch', '--path', 'x'], 2, 'USAGE'],
    [['task.create', '--set', 'x'], 2, 'USAGE'],
    [['task.execute', '--task', 'tsk_none'], 3, 'NOT_FOUND'],
  ])('refuses %j', (argv, exitCode, code) =>
    withProject({}, async (project) => {
      const refused = await project.run(['policy', 'explain', ...argv, '--json']);
      expect([refused.exitCode, refused.stdout, JSON.parse(refused.stderr).error.code]).toEqual([exitCode, '', code]);
    }),
  );
});
