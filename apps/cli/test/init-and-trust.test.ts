import { appendFileSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { type Project, withProject } from './support/project.js';

const errorOf = (stderr: string): { code: string; message: string; hint: string } => JSON.parse(stderr).error;
const config = (project: Project): string => join(project.root, '.ai/config.yaml');

/** Changes the configuration behind the user's back, so that it would run something. */
function loosen(project: Project): void {
  writeFileSync(config(project), readFileSync(config(project), 'utf8').replace('setup: []', 'setup:\n    - touch ran'));
}

describe('signalbox init', () => {
  it('writes what a project needs, trusts it and says what comes next', () =>
    withProject({ init: false }, async (project) => {
      const { exitCode, stdout } = await project.run(['init']);
      expect(exitCode).toBe(0);
      expect(stdout).toContain(`${project.root} is a Signalbox project; work starts from main.`);
      expect(stdout).toContain('Written and trusted: .ai/config.yaml, .ai/policy.yaml, .ai/ledger.pub.');
      expect(stdout).toContain('Next: signalbox doctor');
      expect(await project.run(['task', 'list'])).toEqual({ exitCode: 0, stdout: 'No tasks.\n', stderr: '' });
      expect(project.git('status', '--porcelain', '--untracked-files=all')).not.toContain('.ai/state/');
    }));

  it('leaves everything as it was when it runs again', () =>
    withProject({}, async (project) => {
      const before = readFileSync(config(project), 'utf8');
      expect(await project.ask('init')).toMatchObject({ created: [], base: 'main', git: true });
      expect((await project.run(['init'])).stdout).toContain('Left as it was: .ai/config.yaml');
      expect(readFileSync(config(project), 'utf8')).toBe(before);
    }));

  it('takes the base branch that is named, and refuses one that is not there', () =>
    withProject({ init: false }, async (project) => {
      const { exitCode, stderr } = await project.run(['init', '--base', 'nowhere', '--json']);
      expect(exitCode).toBe(2);
      expect(errorOf(stderr)).toMatchObject({ code: 'NO_SUCH_BRANCH', message: 'There is no branch "nowhere".' });
      expect(existsSync(config(project))).toBe(false);
      project.git('branch', 'develop');
      expect(await project.ask('init', '--base', 'develop')).toMatchObject({ base: 'develop' });
    }));

  it('proposes the set-up of a project with a lock file, and says so', () =>
    withProject({ init: false, files: { 'package-lock.json': '{}' } }, async (project) => {
      expect((await project.run(['init'])).stdout).toContain('Each worktree is set up with: npm ci');
    }));

  it('works outside of git, and says what that means', () =>
    withProject({ init: false, git: false }, async (project) => {
      const { stdout } = await project.run(['init', '--root', '.']);
      expect(stdout).toContain('This is no git repository: tasks run in place and nothing is landed.');
    }));

  it('is refused to an agent, before anything is written', () =>
    withProject({ init: false }, async (project) => {
      const environment = { ...project.environment, SIGNALBOX_ATTEMPT: 'att_x', SIGNALBOX_AI: '' };
      const { exitCode, stderr } = await project.run(['init', '--json'], { environment });
      expect(exitCode).toBe(5);
      expect(errorOf(stderr)).toMatchObject({ code: 'AGENT_REFUSED' });
      expect(existsSync(join(project.root, '.ai'))).toBe(false);
    }));
});

describe('a command that cannot run git', () => {
  it('says so, unless Ctrl-C has ended it', () =>
    withProject({ init: false }, async (project) => {
      const environment = { ...project.environment, PATH: project.place };
      const missing = await project.run(['init', '--json'], { environment });
      expect([missing.exitCode, errorOf(missing.stderr).code]).toEqual([1, 'GIT_UNAVAILABLE']);
      const ended = await project.run(['init', '--json'], { environment, signal: AbortSignal.abort() });
      expect([ended.exitCode, errorOf(ended.stderr).code]).toEqual([130, 'INTERRUPTED']);
    }));
});

describe('a command that finds no project', () => {
  it('says how to make one', () =>
    withProject({ init: false }, async (project) => {
      const { exitCode, stdout, stderr } = await project.run(['task', 'list']);
      expect({ exitCode, stdout }).toEqual({ exitCode: 3, stdout: '' });
      expect(stderr).toContain('is not a Signalbox project');
      expect(stderr).toContain('Run `signalbox init`');
    }));

  it('tells a folder that is not there from one that is no project', () =>
    withProject({ init: false }, async (project) => {
      const { exitCode, stderr } = await project.run(['status', '--root', 'nowhere', '--json']);
      expect(exitCode).toBe(2);
      expect(errorOf(stderr)).toMatchObject({ code: 'USAGE', hint: 'Name an existing one with --root.' });
    }));
});

describe('the project', () => {
  it('is found from a folder inside of it, and from a linked worktree', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('One');
      const tree = join(project.place, 'tree');
      project.git('worktree', 'add', '--quiet', tree);
      for (const cwd of [join(project.root, 'src'), tree]) {
        const { stdout } = await project.run(['task', 'list', '--json'], { cwd });
        expect(JSON.parse(stdout).tasks).toMatchObject([{ id }]);
      }
    }));

  it('with a broken configuration changes nothing, and is told where', () =>
    withProject({}, async (project) => {
      appendFileSync(config(project), 'colour: blue\n');
      const { exitCode, stderr } = await project.run(['task', 'create', 'x', '--json']);
      expect(exitCode).toBe(7);
      const last = stderr.trim().split('\n').at(-1) ?? '';
      expect(errorOf(last).code).toBe('CONFIG_INVALID');
      expect(errorOf(last).message).toMatch(/^\.ai\/config\.yaml:\d+:\d+: .*colour/);
    }));
});

describe('an integration branch that somebody else has moved', () => {
  /** Lands a task, then puts a commit of nobody's on top. */
  async function moved(project: Project): Promise<{ from: string; to: string; id: string }> {
    await project.ask('ai', 'register', 'sh', '--connector', 'command', '--config', 'shell=date +%N > b.txt');
    const first = await project.add('First', '--check', 'true');
    expect((await project.run(['task', 'execute', first.id])).exitCode).toBe(0);
    const from = project.git('rev-parse', 'signalbox/integration');
    const to = project.git('commit-tree', `${from}^{tree}`, '-p', from, '-m', 'Slipped in');
    project.git('update-ref', 'refs/heads/signalbox/integration', to);
    return { from, to, id: (await project.add('Second', '--check', 'true')).id };
  }

  it('is built on only after a person has looked and agreed', () =>
    withProject({}, async (project) => {
      const { from, to, id } = await moved(project);
      for (const argv of [['land'], ['task', 'execute', id]]) {
        const { exitCode, stdout, stderr } = await project.run([...argv, '--json']);
        const error = errorOf(stderr.trim().split('\n').at(-1) ?? '');
        expect([exitCode, stdout, error.code]).toEqual([4, '', 'INTEGRATION_MOVED']);
      }
      const asked = { isTerminal: true, environment: { ...project.environment, NO_COLOR: '1' } };
      const no = await project.run(['trust'], { ...asked, stdin: Readable.from(['n\n']) });
      expect(no.exitCode).toBe(0);
      expect(no.stdout.replace(/\s+/g, ' ')).toContain(
        `signalbox/integration was moved by somebody else, from ${from.slice(0, 12)} to ${to.slice(0, 12)}: ${to.slice(0, 7)}`,
      );
      expect(no.stdout).toMatch(/^ {2}\w+ Slipped in\nAgree\? \[y\/N\] Nothing was trusted\.\n$/m);
      expect((await project.run(['trust', '.ai/config.yaml'])).stdout).toContain('is trusted as it is');
      const yes = await project.run(['trust'], { ...asked, stdin: Readable.from(['y\n']) });
      expect(yes.stdout).toContain('Work goes on from signalbox/integration as it is.\n');
      expect((await project.run(['trust'])).stdout).toBe('Every project file is trusted as it is.\n');
      expect((await project.run(['task', 'execute', id])).exitCode).toBe(0);
      expect((await project.run(['land'])).exitCode).toBe(0);
    }));

  it('is agreed to by a script that says --yes, with the files', () =>
    withProject({}, async (project) => {
      const { from, to } = await moved(project);
      loosen(project);
      expect(await project.ask('trust', '--yes')).toEqual({
        trusted: ['.ai/config.yaml'],
        agreed: true,
        integration: { from, to, accepted: true },
      });
      expect(await project.ask('trust', '--yes')).toEqual({ trusted: [], agreed: true });
    }));
});

describe('project files that nobody has agreed to', () => {
  it('are told of once by every command, on standard error, until `trust --yes`', () =>
    withProject({}, async (project) => {
      loosen(project);
      for (const argv of [['task', 'list'], ['task', 'create', 'x'], ['status'], ['audit', 'log']]) {
        const { exitCode, stdout, stderr } = await project.run([...argv, '--json']);
        expect(exitCode).toBe(0);
        expect(() => JSON.parse(stdout)).not.toThrow();
        expect(stderr).toBe(
          'PROJECT_UNTRUSTED: You have not agreed to .ai/config.yaml as it is; what it allows does not count.' +
            ' Look and agree with `signalbox trust`.\n',
        );
      }
      expect(await project.ask('trust', '--yes')).toEqual({ trusted: ['.ai/config.yaml'], agreed: true });
      expect((await project.run(['task', 'list'])).stderr).toBe('');
      expect((await project.run(['trust'])).stdout).toBe('Every project file is trusted as it is.\n');
    }));

  it('are shown, with what they would make happen, before a person agrees', () =>
    withProject({}, async (project) => {
      loosen(project);
      const asked = { isTerminal: true, environment: { ...project.environment, NO_COLOR: '1' } };
      const no = await project.run(['trust'], { ...asked, stdin: Readable.from(['n\n']) });
      expect(no).toMatchObject({ exitCode: 0, stderr: '' });
      expect(no.stdout).toMatch(/\.ai\/config\.yaml \(\d+ lines\)\. It allows, or runs:\n +\d+ +- touch ran\n/);
      expect(no.stdout).toMatch(/Agree\? \[y\/N\] Nothing was trusted\.\n$/);
      const ended = await project.run(['trust'], { ...asked, stdin: Readable.from([]) });
      expect(ended.stdout).toContain('Nothing was trusted.');
      const yes = await project.run(['trust'], { ...asked, stdin: Readable.from([' Yes\n']) });
      expect(yes.stdout).toContain('Trusted: .ai/config.yaml.');
      expect((await project.run(['task', 'list'])).stderr).toBe('');
    }));

  it('stay so when the question is interrupted', () =>
    withProject({}, async (project) => {
      loosen(project);
      const { exitCode, stderr } = await project.run(['trust'], { isTerminal: true, signal: AbortSignal.abort() });
      expect({ exitCode, stderr }).toEqual({ exitCode: 130, stderr: 'Interrupted.\nNothing was trusted.\n' });
      expect((await project.run(['task', 'list'])).stderr).toContain('PROJECT_UNTRUSTED');
    }));

  it('are not agreed to by a script that does not say --yes', () =>
    withProject({}, async (project) => {
      loosen(project);
      const { exitCode, stderr } = await project.run(['trust']);
      expect(exitCode).toBe(2);
      expect(stderr).toContain('Nobody is here to agree.');
    }));

  it('are agreed to one by one when one is named', () =>
    withProject({}, async (project) => {
      loosen(project);
      appendFileSync(join(project.root, '.ai/policy.yaml'), '# a word\n');
      expect(await project.ask('trust', '.ai/policy.yaml', '--yes')).toMatchObject({ trusted: ['.ai/policy.yaml'] });
      expect((await project.run(['task', 'list'])).stderr).toContain('You have not agreed to .ai/config.yaml as it is');
      expect(await project.ask('trust', '.', '--yes')).toMatchObject({ trusted: ['.ai/config.yaml'] });
    }));

  it('do not make anything happen', () =>
    withProject({}, async (project) => {
      loosen(project);
      await project.ask('ai', 'register', 'sh', '--connector', 'command', '--config', 'shell=echo hi > b.txt');
      const { id } = await project.add('x', '--check', 'true');
      expect((await project.run(['task', 'execute', id])).exitCode).toBe(0);
      expect(project.git('ls-tree', '--name-only', 'signalbox/integration')).not.toContain('ran');
      rmSync(config(project));
      expect((await project.run(['task', 'list'])).exitCode).toBe(3);
    }));
});

describe('a configuration that limits less than the one that was agreed to', () => {
  it.each([
    ['budgets:\n  day: { usd: 20, time: 2h }\n', '', 'budgets.day.usd: no limit, was 20 USD'],
    [
      'budgets:\n  ais: { sh: { tokens: 10 } }\n',
      'budgets:\n  ais: { sh: { tokens: 11 } }\n',
      'budgets.ais.sh.tokens: 11',
    ],
    ['sandbox: { mode: workspace-write, network: false }\n', '', 'sandbox.mode: none, was workspace-write'],
  ])('is shown as that before it is agreed to: %j to %j', (before, after, told) =>
    withProject({}, async (project) => {
      const text = readFileSync(config(project), 'utf8');
      writeFileSync(config(project), `${text}${before}`);
      expect((await project.run(['trust', '--yes'])).stdout).toContain('It allows nothing more and runs nothing.');
      writeFileSync(config(project), `${text}${after}`);
      const { stdout } = await project.run(['trust', '--yes']);
      expect(stdout).toContain('It runs nothing.\nIt limits less than what you agreed to:\n');
      expect(stdout).toContain(told);
      expect(stdout).not.toContain('allows nothing more');
    }),
  );
});
