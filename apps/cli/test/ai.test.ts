import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { type Project, shellAI, withProject } from './support/project.js';

describe('signalbox ai', () => {
  it('registers, lists and labels an AI', () =>
    withProject({}, async (project) => {
      expect((await project.run(['ai', 'list'])).stdout).toContain('No AI is registered.');
      const registered = await project.ask(
        ...['ai', 'register', 'fixer', '--connector', 'command', '--name', 'The fixer', '--label', 'team=core'],
        ...['--capability', 'code', '--max-concurrent', '3', '--config', 'argv=["sh","-c","true"]'],
      );
      expect(registered).toMatchObject({
        id: 'fixer',
        name: 'The fixer',
        connector: 'command',
        labels: { team: 'core' },
        capabilities: ['code'],
        maxConcurrent: 3,
        config: { argv: ['sh', '-c', 'true'] },
        status: 'online',
      });
      const labelled = await project.ask('ai', 'label', 'fixer', 'area=api', 'team=');
      expect(labelled).toMatchObject({ labels: { area: 'api' } });
      expect(await project.ask('ai', 'list')).toMatchObject({ ais: [{ id: 'fixer', running: 0, status: 'online' }] });
      const { stdout } = await project.run(['ai', 'list']);
      expect(stdout).toMatch(
        /^ID +CONNECTOR +STATUS +RUNNING +LABELS AND CAPABILITIES\nfixer +command +online +0\/3 +area=api code\n$/,
      );
      expect((await project.run(['ai', 'label', 'fixer', 'area='])).stdout).toBe('fixer: no labels\n');
      expect((await project.run(['ai', 'label', 'fixer', 'a=b'])).stdout).toBe('fixer: a=b\n');
    }));

  it('changes how an AI is registered, on record, and leaves what is not named', () =>
    withProject({}, async (project) => {
      const given = ['--capability', 'code', '--label', 'a=b', '--config', 'shell=exit 3'];
      await project.ask('ai', 'register', 'fixer', '--connector', 'command', ...given);
      const places = await project.run(['ai', 'update', 'fix', '--max-concurrent', '2', '--capability', 'web']);
      expect(places.stdout).toBe('fixer: runs at most 2 at once; declared: code web; config {"shell":"exit 3"}\n');
      const left = ['--config', 'shell=', '--config', 'argv=["true"]', '--remove-capability', 'code'];
      expect(await project.ask('ai', 'update', 'fixer', ...left)).toMatchObject({
        ...{ id: 'fixer', maxConcurrent: 2, capabilities: ['web'], labels: { a: 'b' }, config: { argv: ['true'] } },
      });
      const { entries } = await project.ask<{ entries: { kind: string }[] }>('audit', 'log', '--kind', 'ai.');
      expect(entries.map(({ kind }) => kind)).toEqual(['ai.registered', 'ai.updated', 'ai.updated']);
      expect((await project.run(['audit', 'verify'])).exitCode).toBe(0);
      const taken = await project.run(['ai', 'register', 'fixer', '--connector', 'command']);
      expect(taken.stderr).toContain('`signalbox ai update fixer`');
    }));

  it('registers an agent that is not installed, with a hint, and gives it nothing to do', () =>
    withProject({}, async (project) => {
      const environment = { ...project.environment, PATH: `${project.place}/bin` };
      const register = ['ai', 'register', 'claude', '--connector', 'claude-code'];
      const { exitCode, stdout, stderr } = await project.run(register, { environment });
      expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: 'Registered claude (claude-code).\n' });
      expect(stderr.replace(/\s+/g, ' ')).toContain(
        'The program claude was not found. Run `npm install -g @anthropic-ai/claude-code`',
      );
      const { id } = await project.add('x', '--check', 'true');
      const executed = await project.run(['task', 'execute', id, '--json'], { environment });
      expect(executed).toMatchObject({ exitCode: 3, stdout: '' });
      const error = JSON.parse(executed.stderr.trim().split('\n').at(-1) ?? '').error;
      expect(error.code).toBe('NO_CANDIDATE');
      expect(error.message).toContain('claude: The program claude was not found.');
      expect(await project.ask('task', 'show', id)).toMatchObject({ status: 'queued', attempt: 0, lease: null });
    }));

  it.each([
    [['register', 'x', '--connector', 'telepathy'], 2, 'UNKNOWN_CONNECTOR'],
    [['register', 'x', '--connector', 'command', '--config', 'colour=blue'], 2, 'INVALID_CONFIG'],
    [['register', 'x', '--connector', 'command', '--config', 'argv'], 2, 'USAGE'],
    [['register', 'No Id', '--connector', 'command'], 2, 'INVALID_AI'],
    [['register', 'x', '--connector', 'command', '--max-concurrent', '0'], 2, 'USAGE'],
    [['register', 'x'], 2, 'USAGE'],
    [['register', 'taken', '--connector', 'command'], 4, 'AI_EXISTS'],
    [['label', 'nobody', 'a=b'], 3, 'AI_NOT_FOUND'],
    [['label', 'taken', 'a'], 2, 'USAGE'],
    [['update', 'nobody', '--max-concurrent', '2'], 3, 'AI_NOT_FOUND'],
    [['update', 'taken'], 2, 'USAGE'],
    [['update', 'taken', '--max-concurrent', '0'], 2, 'USAGE'],
    [['update', 'taken', '--config', 'colour=blue'], 2, 'INVALID_CONFIG'],
  ])('refuses %j', (argv, exitCode, code) =>
    withProject({}, async (project) => {
      await project.ask('ai', 'register', 'taken', '--connector', 'command');
      const refused = await project.run(['ai', ...argv, '--json']);
      expect(refused).toMatchObject({ exitCode, stdout: '' });
      expect(JSON.parse(refused.stderr).error).toMatchObject({ code, message: expect.stringMatching(/\.$/) });
      expect(await project.ask('ai', 'list')).toMatchObject({ ais: [{ id: 'taken' }] });
    }),
  );
});

describe('an agent at our command line', () => {
  it.each([
    ['register', ['ai', 'register', 'x', '--connector', 'command']],
    ['label', ['ai', 'label', 'sh', 'a=b']],
    ['update', ['ai', 'update', 'sh', '--max-concurrent', '9']],
    ['trust', ['trust', '--yes']],
    ['requeue', ['task', 'requeue', 'TASK']],
    ['land', ['land']],
    ['checkpoint', ['audit', 'checkpoint']],
    ['init', ['init']],
  ])('may not %s', (_, words) =>
    withProject({}, async (project) => {
      await project.ask('ai', 'register', 'sh', '--connector', 'command');
      const { id } = await project.add('x');
      const before = await project.ask<{ entries: number }>('audit', 'verify');
      const environment = asAgent(project);
      const argv = words.map((word) => (word === 'TASK' ? id : word));
      const { exitCode, stdout, stderr } = await project.run([...argv, '--json'], { environment });
      expect({ exitCode, stdout }).toEqual({ exitCode: 5, stdout: '' });
      expect(JSON.parse(stderr).error).toMatchObject({
        code: 'AGENT_REFUSED',
        message: expect.stringContaining('ai:sh'),
      });
      const after = await project.ask<{ entries: number }>('audit', 'verify');
      expect(after.entries - before.entries).toBe(words[0] === 'init' ? 0 : 1);
    }),
  );

  it('cannot complete a task on its own word', () =>
    withProject({}, async (project) => {
      const { id, lease } = await started(project, '--check', 'true');
      const word = ['task', 'complete', id, '--lease', lease, '--no-verify', '--json'];
      const { exitCode, stderr } = await project.run(word, { environment: asAgent(project) });
      expect([exitCode, JSON.parse(stderr).error.code]).toEqual([5, 'AGENT_REFUSED']);
    }));

  it('needs an approval for what policy does not allow it, and has a person look at what has no check', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('x');
      const { lease } = await project.ask<{ lease: { id: string } }>('task', 'claim', id, '--as', 'sh');
      await allow(project, 'task.start');
      const start = ['task', 'start', id, '--lease', lease.id];
      expect((await project.run(start, { environment: asAgent(project) })).exitCode).toBe(0);
      const complete = ['task', 'complete', id, '--lease', lease.id, '--json'];
      const asked = await project.run(complete, { environment: asAgent(project) });
      expect([asked.exitCode, JSON.parse(asked.stderr).error.code]).toEqual([6, 'APPROVAL_REQUIRED']);
      await allow(project, 'task.complete');
      const { exitCode, stdout } = await project.run(complete, { environment: asAgent(project) });
      expect(exitCode).toBe(6);
      expect(JSON.parse(stdout)).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'human' }] });
    }));
});

/** Lets agents do one thing more. */
async function allow(project: Project, action: string): Promise<void> {
  const policy = join(project.root, '.ai/policy.yaml');
  const rule = `\nrules:\n  - { id: agents-${action.replace('.', '-')}, effect: allow, on: [${action}] }\n`;
  writeFileSync(policy, readFileSync(policy, 'utf8').replace('\nrules:\n', rule));
  await project.ask('trust', '--yes');
}

const asAgent = (project: Project): NodeJS.ProcessEnv => ({
  ...project.environment,
  SIGNALBOX_ATTEMPT: 'att_1',
  SIGNALBOX_AI: 'sh',
});

/** A task that a person has claimed and started. */
async function started(project: Project, ...options: string[]): Promise<{ id: string; lease: string }> {
  const { id } = await project.add('x', ...options);
  const { lease } = await project.ask<{ lease: { id: string } }>('task', 'claim', id, '--as', 'ana');
  await project.ask('task', 'start', id, '--lease', lease.id);
  return { id, lease: lease.id };
}

describe('an AI that is registered', () => {
  it('is shown with what was probed and how its attempts ended', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'exit 3', 'fixer');
      expect((await project.run(['ai', 'show', 'fix'])).stdout).toMatch(/^fixer: online\n {2}command, runs 0 of 1\n/);
      const { id } = await project.add('x', '--check', 'true');
      await project.run(['task', 'execute', id]);
      const { stdout } = await project.run(['ai', 'show', 'fixer']);
      expect(stdout).toContain('ready; can ');
      expect(stdout).toMatch(new RegExp(`failed \\(agent_error\\) ${id} att_`));
      expect(await project.ask('ai', 'status', 'fixer')).toMatchObject({
        ...{ id: 'fixer', status: 'online', running: 0, probe: { ok: true } },
        ...{ health: { state: 'closed' }, attempts: [{ task: id, outcome: 'failed' }] },
      });
    }));

  it('gets no work while it is paused, and says why and until when', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'exit 0', 'fixer');
      const { id } = await project.add('x', '--check', 'true');
      const paused = await project.run(['ai', 'pause', 'fixer', '--reason', 'billing', '--until', '2h']);
      expect(paused.stdout).toMatch(/^fixer is paused until 20.*Z\.\n$/);
      expect((await project.run(['ai', 'list'])).stdout).toContain('paused');
      expect((await project.run(['ai', 'show', 'fixer'])).stdout).toContain('fixer: paused, billing, until 20');
      const { exitCode, stderr } = await project.run(['task', 'execute', id, '--json']);
      expect(exitCode).toBe(3);
      expect(stderr).toContain('"NO_CANDIDATE"');
      expect(stderr).toContain('billing');
      expect(stderr).toContain('Give it work again with `signalbox ai resume fixer`.');
      const explained = await project.run(['route', 'explain', id]);
      expect(explained.stdout).toMatch(/^No AI would get it now\.\nfixer/);
      expect((await project.run(['ai', 'resume', 'fixer'])).stdout).toBe('fixer gets work again.\n');
      expect(await project.ask('route', 'explain', id)).toMatchObject({ task: id, chosen: 'fixer' });
      expect((await project.run(['audit', 'verify'])).exitCode).toBe(0);
    }));

  it('is told as what keeps it from a task: each reason once, with what can be done about it', () =>
    withProject({}, async (project) => {
      const refusal = async (id: string) => {
        const { stderr } = await project.run(['task', 'execute', id, '--json']);
        return JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error as { message: string; hint: string };
      };
      const { id } = await project.add('x', '--check', 'true', '--capability', 'web');
      const pinned = await project.add('y', '--check', 'true', '--ai', 'nobody');
      for (const name of ['a', 'b', 'c']) await shellAI(project, 'exit 0', name);
      expect(await refusal(id)).toMatchObject({
        message: `No AI can take ${id}: a, b, c: it lacks web.`,
        hint: expect.stringContaining('signalbox ai update <id> --capability'),
      });
      await project.ask('ai', 'pause', 'a');
      await project.ask('ai', 'update', 'a', '--capability', 'web');
      expect(await refusal(id)).toMatchObject({
        message: `No AI can take ${id}: b, c: it lacks web; a: it is paused: A person paused it.`,
        hint: expect.stringContaining(`signalbox route explain ${id}`),
      });
      expect(await refusal(pinned.id)).toMatchObject({
        message: `No AI can take ${pinned.id}: it is pinned to "nobody", and no AI of that id is registered.`,
        hint: expect.stringContaining(`signalbox task update ${pinned.id} --ai any`),
      });
      const dear = await project.add('z', '--type', 'review', '--budget-usd', '1', '--ai', 'b');
      expect((await refusal(dear.id)).hint).toContain('under `budgets:` in .ai/config.yaml');
    }));

  it('can be removed, and what it did stays on record', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'exit 0', 'fixer');
      expect((await project.run(['ai', 'remove', 'fixer'])).stdout).toContain('Removed fixer');
      expect((await project.run(['ai', 'list'])).stdout).toContain('No AI is registered.');
      const { entries } = await project.ask<{ entries: { kind: string }[] }>('audit', 'log', '--kind', 'ai.');
      expect(entries.map(({ kind }) => kind)).toEqual(['ai.registered', 'ai.removed']);
      expect((await project.run(['audit', 'verify'])).exitCode).toBe(0);
      await shellAI(project, 'exit 0', 'fixer');
    }));

  it('rests after failures of its own kind', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'kill -9 $$', 'fixer');
      for (let n = 0; n < 3; n++) {
        const { id } = await project.add(`x${n}`, '--check', 'true');
        await project.run(['task', 'execute', id]);
      }
      const { id } = await project.add('y', '--check', 'true');
      const { stdout } = await project.run(['route', 'explain', id]);
      expect(stdout).toContain('it failed 3 times in a row (crashed)');
      expect((await project.run(['ai', 'show', 'fixer'])).stdout).toContain('fixer: error, it failed 3 times');
      await project.run(['ai', 'resume', 'fixer']);
      expect(await project.ask('route', 'explain', id)).toMatchObject({ chosen: 'fixer' });
    }));

  it.each([
    [['ai', 'show', 'none'], 3, 'AI_NOT_FOUND'],
    [['ai', 'pause', 'none'], 3, 'AI_NOT_FOUND'],
    [['ai', 'pause', 'fixer', '--until', 'soon'], 2, 'USAGE'],
    [['ai', 'pause', 'fixer', '--until', '2020-01-01T00:00:00Z'], 2, 'USAGE'],
    [['ai', 'pause', 'fixer', '--until', '0s'], 2, 'USAGE'],
    [['ai', 'pause', 'fixer', '--reason', ' '], 2, 'USAGE'],
    [['ai', 'show', 'f'], 2, 'AMBIGUOUS_ID'],
    [['route', 'explain', 'tsk_none'], 3, 'NOT_FOUND'],
  ])('answers %j with what is wrong', (argv, exit, code) =>
    withProject({}, async (project) => {
      await shellAI(project, 'exit 0', 'fixer');
      await shellAI(project, 'exit 0', 'finder');
      const { exitCode, stderr } = await project.run([...argv, '--json']);
      expect([exitCode, JSON.parse(stderr).error.code]).toEqual([exit, code]);
    }),
  );
});
