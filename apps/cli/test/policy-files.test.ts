import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { type Project, type Ran, shellAI, withProject } from './support/project.js';

const policyOf = (project: Project): string => join(project.root, '.ai/policy.yaml');
const errorOf = ({ stderr }: Ran): { code: string; message: string; hint: string } =>
  JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error;
const RULES = 'version: 1\nscope: project\nrules:\n';

/** What a person at a terminal sees who answers so. */
const look = (project: Project, answer: string): Promise<Ran> =>
  project.run(['trust'], {
    isTerminal: true,
    environment: { ...project.environment, NO_COLOR: '1' },
    stdin: Readable.from([answer]),
  });

describe('a policy file that cannot be read', () => {
  const FAULTS: readonly [string, (file: string) => void, string][] = [
    ['a folder', (file) => mkdirSync(file), 'It is a folder, not a file.'],
    ['a link to itself', (file) => symlinkSync(file, file), 'It is a symbolic link that leads back to itself.'],
  ];

  it.each(FAULTS)('denies, and is named by every command: %s', (_what, make, why) =>
    withProject({}, async (project) => {
      await shellAI(project, ':');
      const { id } = await project.add('x');
      rmSync(policyOf(project));
      make(policyOf(project));
      for (const argv of [
        ['task', 'create', 'y'],
        ['task', 'claim', id, '--as', 'ana'],
        ['task', 'execute', id],
        ['policy', 'check'],
        ['policy', 'compile', '--for', 'codex'],
      ]) {
        const ran = await project.run([...argv, '--json']);
        expect([argv, ran.exitCode, ran.stdout, errorOf(ran).code]).toEqual([argv, 7, '', 'POLICY_INVALID']);
        expect(errorOf(ran).message).toContain(`.ai/policy.yaml:1:1): ${why}`);
      }
      const problem = { file: '.ai/policy.yaml', line: 1, column: 1, code: 'POLICY_UNREADABLE', message: why };
      const validated = await project.run(['policy', 'validate', '--json']);
      expect([validated.exitCode, JSON.parse(validated.stdout)]).toEqual([
        7,
        { valid: false, files: ['.ai/policy.yaml'], problems: [problem] },
      ]);
      const tested = await project.run(['policy', 'test', '--json']);
      expect([tested.exitCode, JSON.parse(tested.stdout).files]).toEqual([
        7,
        [{ file: '.ai/policy.yaml', tests: 0, problems: [problem] }],
      ]);
      const trusted = await project.run(['trust', '--yes', '--json']);
      expect([trusted.exitCode, trusted.stdout, errorOf(trusted).message]).toEqual([
        7,
        '',
        `.ai/policy.yaml cannot be read: ${why}`,
      ]);
      const doctor = await project.run(['doctor']);
      expect(doctor.stdout).toMatch(/BAD +policy +\.ai\/policy\.yaml:1:1:/);
      expect(await project.ask('policy', 'explain', 'task.create')).toMatchObject({ decision: 'deny' });
      expect((await project.run(['policy', 'show'])).stdout).toContain(`.ai/policy.yaml:1:1 ${why}`);
      for (const argv of [['task', 'list'], ['status'], ['ai', 'list'], ['audit', 'verify']]) {
        expect([argv, (await project.run(argv)).exitCode]).toEqual([argv, 0]);
      }
    }),
  );

  it('is told of in a sentence when it is named', () =>
    withProject({}, async (project) => {
      symlinkSync('loop.yaml', join(project.root, 'loop.yaml'));
      for (const verb of ['validate', 'test']) {
        const { exitCode, stdout, stderr } = await project.run(['policy', verb, 'loop.yaml']);
        expect([verb, exitCode, stderr]).toEqual([verb, 7, '']);
        expect(stdout).toContain('loop.yaml:1:1 POLICY_UNREADABLE It is a symbolic link that leads back to itself.');
      }
      const ran = await project.run(['policy', 'backtest', 'loop.yaml', '--json']);
      expect([ran.exitCode, errorOf(ran).code]).toEqual([2, 'USAGE']);
    }));
});

describe('a policy file on standard input', () => {
  const stdin = (text: string) => ({ stdin: Readable.from([text]) });
  const GLOBAL = 'version: 1\nscope: global\nrules: []\n';

  it('is validated and tested for what it says it is', () =>
    withProject({}, async (project) => {
      const valid = await project.run(['policy', 'validate', '-', '--json'], stdin(GLOBAL));
      expect(JSON.parse(valid.stdout)).toEqual({ valid: true, files: ['standard input'] });
      const bad = await project.run(['policy', 'validate', '.ai/policy.yaml', '-', '--json'], stdin('rules: oops'));
      expect([bad.exitCode, JSON.parse(bad.stdout).problems[0].file]).toEqual([7, 'standard input']);
      const tests = 'tests:\n  - { request: { on: task.create, path: a }, expect: deny }\n';
      const tested = await project.run(['policy', 'test', '-'], stdin(`version: 1\nscope: project\n${tests}`));
      expect(tested.exitCode).toBe(7);
      expect(tested.stdout).toContain('standard input:4:5 POLICY_TEST This test expects deny');
      const twice = await project.run(['policy', 'validate', '-', '-', '--json'], stdin(GLOBAL));
      expect([twice.exitCode, errorOf(twice).code]).toEqual([2, 'USAGE']);
    }));

  it('is tried on what was decided', () =>
    withProject({}, async (project) => {
      await project.add('x');
      const text = `${RULES}  - { id: no, effect: deny, on: [task.create] }\n`;
      const { stdout } = await project.run(['policy', 'backtest', '-', '--json'], stdin(text));
      expect(JSON.parse(stdout).changed).toMatchObject([{ action: 'task.create', to: 'deny' }]);
    }));
});

describe('what policy commands are given', () => {
  it.each([
    [['explain', 'shell.rnu'], 'USAGE', 'There is no action "shell.rnu". Did you mean "shell.run"?'],
    [['explain', 'nonsense.action'], 'USAGE', 'There is no action "nonsense.action".'],
    [['explain', 'task.create', '--ai', '../../x'], 'INVALID_AI', '"../../x" cannot be an AI\'s id.'],
    [['show', '--ai', '../../x'], 'INVALID_AI', '"../../x" cannot be an AI\'s id.'],
    [['compile', '--for', 'codex', '--ai', '../../x'], 'INVALID_AI', '"../../x" cannot be an AI\'s id.'],
    [['backtest', '.ai/policy.yaml', '--ai', '../../x'], 'INVALID_AI', '"../../x" cannot be an AI\'s id.'],
    [
      ['override', 'add', 'project/a', '--effect', 'allow', '--reason', 'x', '--ai', '../../x'],
      'INVALID_AI',
      '"../../x" cannot be an AI\'s id.',
    ],
    [
      ['override', 'add', 'nonsense', '--effect', 'allow', '--reason', 'x'],
      'USAGE',
      '"nonsense" is not the full id of a rule.',
    ],
    [
      ['override', 'add', 'project/', '--effect', 'allow', '--reason', 'x'],
      'USAGE',
      '"project/" is not the full id of a rule.',
    ],
    [['decisions', 'show', ''], 'USAGE', 'The id of a decision is empty.'],
  ])('is refused where it cannot be meant: %j', (argv, code, message) =>
    withProject({}, async (project) => {
      const ran = await project.run(['policy', ...argv, '--json']);
      expect([ran.exitCode, ran.stdout, errorOf(ran).code, errorOf(ran).message]).toEqual([2, '', code, message]);
    }),
  );

  it('is refused by a hook in its own way', () =>
    withProject({}, async (project) => {
      const call = { tool_name: 'Bash', tool_input: { command: 'ls' }, cwd: project.root };
      const ran = await project.run(['policy', 'hook', '--for', 'claude-code', '--ai', '../../x'], {
        stdin: Readable.from([JSON.stringify(call)]),
      });
      expect([ran.exitCode, ran.stdout]).toEqual([2, '']);
      expect(ran.stderr).toContain('cannot be an AI');
    }));
});

describe('signalbox trust', () => {
  it('shows what an edit takes away', () =>
    withProject({}, async (project) => {
      const before = readFileSync(policyOf(project), 'utf8');
      const at = before.split('\n').indexOf('default: ask') + 1;
      writeFileSync(
        policyOf(project),
        before.replace('default: ask', 'default: allow').replace('- id: no-state\n', ''),
      );
      const { stdout } = await look(project, 'n\n');
      expect(stdout).toContain('  Since you agreed to it, these lines went (-) and came (+):\n');
      expect(stdout).toContain(
        `${String(at).padStart(6)}  - default: ask\n${String(at).padStart(6)}  + default: allow\n`,
      );
      expect(stdout).toMatch(/^ +\d+ {2}- {3}- id: no-state$/m);
      expect(stdout).toContain('Nothing was trusted.');
    }));

  it('shows at most sixty lines of that', () =>
    withProject({}, async (project) => {
      appendFileSync(policyOf(project), '# more\n'.repeat(64));
      const { stdout } = await look(project, 'n\n');
      expect(stdout.match(/\+ # more/g)).toHaveLength(60);
      expect(stdout).toContain('  … and 4 more lines: read the file\n');
    }));

  it('settles a file that is gone, whose denials count until then', () =>
    withProject({}, async (project) => {
      const before = readFileSync(policyOf(project), 'utf8');
      writeFileSync(
        policyOf(project),
        before.replace('rules:\n', 'rules:\n  - { id: none, effect: deny, on: [task.create] }\n'),
      );
      await project.ask('trust', '--yes');
      rmSync(policyOf(project));
      const refused = await project.run(['task', 'create', 'x', '--json']);
      expect([refused.exitCode, errorOf(refused).code]).toEqual([5, 'POLICY_DENIED']);
      expect(refused.stderr).toContain('PROJECT_UNTRUSTED: You have not agreed to .ai/policy.yaml');
      expect((await project.run(['policy', 'show'])).stdout).toContain(
        '.ai/policy.yaml (as you agreed to it): untrusted',
      );
      const { stdout } = await look(project, 'y\n');
      expect(stdout).toContain('.ai/policy.yaml: It is gone; what it denied no longer counts.\n');
      expect(stdout).toMatch(/^ +\d+ {2}- {3}- \{ id: none, effect: deny, on: \[task\.create\] \}$/m);
      expect(stdout).toContain('What you agreed to in .ai/policy.yaml no longer counts.');
      expect((await project.run(['task', 'create', 'x'])).exitCode).toBe(0);
      expect(await project.ask('trust', '--yes')).toEqual({ trusted: [], agreed: true });
    }));

  it('tells a script what is gone', () =>
    withProject({}, async (project) => {
      rmSync(policyOf(project));
      expect(await project.ask('trust', '.ai/policy.yaml', '--yes')).toEqual({
        trusted: [],
        agreed: true,
        gone: ['.ai/policy.yaml'],
      });
    }));
});
