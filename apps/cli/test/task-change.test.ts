import { describe, expect, it } from '@jest/globals';
import type { Task } from '@signalbox/runtime/project';
import { type Project, shellAI, withProject } from './support/project.js';

/** How a command was refused: its exit code, and what it tells a script. */
async function refusal(project: Project, ...argv: string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await project.run([...argv, '--json']);
  expect(stdout).toBe('');
  return { exitCode, ...JSON.parse(stderr).error };
}

describe('task update', () => {
  it('changes what is given and leaves the rest', () =>
    withProject({}, async (project) => {
      const { id } = await project.add(
        'One',
        '--lock',
        'src/**',
        '--label',
        'a=1',
        '--label',
        'b=2',
        '--check',
        'true',
      );
      const need = await project.add('Two');
      const argv = [
        '--title',
        'Three',
        '--priority',
        'high',
        '--need',
        need.id,
        '--label',
        'c=3',
        '--remove-label',
        'a',
      ];
      const more = ['--lock', 'docs/*', '--check', 'npm test', '--timeout', '5m', '--on-need-failure', 'ignore'];
      expect(await project.ask<Task>('task', 'update', id, ...argv, ...more, '--ai', 'claude')).toMatchObject({
        ...{ title: 'Three', priority: 10, needs: [need.id], labels: { b: '2', c: '3' }, status: 'blocked' },
        locks: [{ glob: 'src/**' }, { glob: 'docs/*' }],
        ...{ checks: ['true', 'npm test'], timeoutMs: 300_000, onNeedFailure: 'ignore', ai: 'claude' },
      });
      const back = ['--remove-need', need.id.slice(0, 20), '--remove-locks', '--remove-checks', '--ai', 'any'];
      expect(await project.ask<Task>('task', 'update', id, ...back)).toMatchObject({
        ...{ needs: [], locks: [], checks: [], ai: null, status: 'queued' },
      });
    }));

  it('refuses nothing to change, unknown needs, cycles and bad patterns', () =>
    withProject({}, async (project) => {
      const first = await project.add('First');
      const second = await project.add('Second', '--need', first.id);
      const refused = (...argv: string[]) => refusal(project, 'task', 'update', first.id, ...argv);
      expect(await refused()).toMatchObject({ exitCode: 2, code: 'USAGE' });
      expect(await refused('--need', 'tsk_zzz')).toMatchObject({ exitCode: 2, code: 'UNKNOWN_NEED' });
      expect(await refused('--need', first.id)).toMatchObject({ exitCode: 2, code: 'DEPENDENCY_CYCLE' });
      expect(await refused('--need', second.id)).toMatchObject({
        exitCode: 2,
        code: 'DEPENDENCY_CYCLE',
        details: { cycle: [first.id, second.id, first.id] },
      });
      expect(await refused('--lock', '/etc/**')).toMatchObject({ exitCode: 2, code: 'INVALID_TASK' });
      expect(await refused('--on-need-failure', 'panic')).toMatchObject({ exitCode: 2, code: 'INVALID_TASK' });
      expect(await project.ask('task', 'show', first.id)).toEqual(first);
    }));
});

describe('a task for an AI that is not registered', () => {
  it('is made and changed all the same, with a notice', () =>
    withProject({}, async (project) => {
      const notice = 'No AI "ghost" is registered';
      const made = await project.run(['task', 'create', 'x', '--ai', 'ghost', '--json']);
      expect(made).toMatchObject({ exitCode: 0, stderr: expect.stringContaining(notice) });
      const { id, ai } = JSON.parse(made.stdout) as Task;
      expect(ai).toBe('ghost');
      expect((await project.run(['task', 'update', id, '--title', 'y'])).stderr).toBe('');
      expect((await project.run(['task', 'update', id, '--ai', 'ghost'])).stderr).toContain(notice);
      await project.ask('ai', 'register', 'ghost', '--connector', 'command');
      expect((await project.run(['task', 'update', id, '--ai', 'ghost'])).stderr).toBe('');
      expect((await project.run(['task', 'update', id, '--ai', 'any'])).stderr).toBe('');
    }));
});

describe('task cancel and task retry', () => {
  it('ends a task that waits, and starts a failed one afresh', () =>
    withProject({}, async (project) => {
      const task = await project.add('Gone');
      expect(await project.ask('task', 'cancel', task.id, '--reason', 'not needed')).toMatchObject({
        status: 'cancelled',
      });
      expect(await refusal(project, 'task', 'retry', task.id)).toMatchObject({ exitCode: 4, code: 'WRONG_STATE' });
      await shellAI(project, 'exit 1');
      const failing = await project.add('Fails', '--max-attempts', '1');
      await project.run(['task', 'execute', failing.id]);
      expect(await project.ask('task', 'retry', failing.id)).toMatchObject({ status: 'queued', attempt: 0 });
    }));

  it('says that a running one is told to stop, and breaks its lease with --force', () =>
    withProject({}, async (project) => {
      const task = await project.add('Runs');
      const { lease } = await project.ask<{ lease: { id: string } }>('task', 'claim', task.id, '--as', 'ana');
      await project.ask('task', 'start', task.id, '--lease', lease.id);
      const { stdout } = await project.run(['task', 'cancel', task.id]);
      expect(stdout).toMatch(/ana is told to stop with its next heartbeat/);
      expect(await project.ask('task', 'cancel', task.id, '--force')).toMatchObject({
        status: 'cancelled',
        lease: null,
      });
      expect(await refusal(project, 'task', 'heartbeat', task.id, '--lease', lease.id)).toMatchObject({
        ...{ exitCode: 4, code: 'LEASE_LOST' },
      });
    }));
});

describe('looking at a task', () => {
  it('says why it does not run', () =>
    withProject({}, async (project) => {
      const need = await project.add('Base');
      const { id } = await project.add('Top', '--need', need.id);
      const { stdout } = await project.run(['task', 'why', id]);
      expect(stdout.replace(/\s+/g, ' ')).toContain(`It needs ${need.id} (Base), which is queued.`);
      expect(await project.ask('task', 'why', need.id)).toMatchObject({
        ...{ id: need.id, status: 'queued', runnable: false, reasons: [{ kind: 'no_ai' }] },
      });
    }));

  it('prints its log, its evidence and its change as a patch that applies', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo new > src/new.txt');
      const { id } = await project.add('Change', '--check', 'true');
      expect(await refusal(project, 'task', 'diff', id)).toMatchObject({ exitCode: 3, code: 'NO_DIFF' });
      expect((await project.run(['task', 'execute', id])).exitCode).toBe(0);
      const { stdout } = await project.run(['task', 'diff', id]);
      project.write(`${project.place}/p.patch`, stdout);
      project.git('apply', '--check', `${project.place}/p.patch`);
      const { entries } = await project.ask<{ entries: { kind: string }[] }>('task', 'log', id);
      expect(entries.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['task.created', 'task.completed']));
      const { evidence } = await project.ask<{ evidence: { kind: string }[] }>('task', 'evidence', id);
      expect(evidence.map(({ kind }) => kind)).toContain('diff');
    }));

  it('follows what happens as CloudEvents, until interrupted', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('Watched');
      const stop = new AbortController();
      const lines: string[] = [];
      const heard = (text: string) => {
        lines.push(text);
        if (lines.length === 2) stop.abort();
        return true;
      };
      const watching = project.run(['task', 'watch', id, '--json'], { stdout: { write: heard }, signal: stop.signal });
      const { lease } = await project.ask<{ lease: { id: string } }>('task', 'claim', id, '--as', 'ana');
      await project.ask('task', 'start', id, '--lease', lease.id);
      await watching;
      const events = lines.map((line) => JSON.parse(line));
      expect(events).toEqual([
        expect.objectContaining({ specversion: '1.0', subject: `task/${id}` }),
        expect.objectContaining({ specversion: '1.0', subject: `task/${id}` }),
      ]);
    }));
});

describe('task revert and task patch', () => {
  it('take a landed change back, and give it as a patch that git am takes', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo new > src/new.txt; echo more >> src/a.txt');
      const first = await project.add('First');
      expect(await refusal(project, 'task', 'revert', first.id)).toMatchObject({
        exitCode: 3,
        code: 'NOTHING_TO_REVERT',
      });
      expect(await refusal(project, 'task', 'patch', first.id)).toMatchObject({ exitCode: 3, code: 'NOTHING_TO_LAND' });
      await project.ask('task', 'cancel', first.id);
      const { id } = await project.add('Second', '--check', 'true');
      expect((await project.run(['task', 'execute', id])).exitCode).toBe(0);
      const { stdout } = await project.run(['task', 'patch', id]);
      expect(await project.ask('task', 'revert', id)).toMatchObject({ task: id, commit: expect.any(String) });
      expect(project.git('show', 'signalbox/integration:src/a.txt')).toBe('a');
      expect(project.git('ls-tree', '--name-only', 'signalbox/integration:src')).toBe('a.txt');
      expect(project.git('log', '-1', '--format=%s', 'signalbox/integration')).toBe('Revert "Second"');
      expect(await refusal(project, 'task', 'revert', id)).toMatchObject({ code: 'NOTHING_TO_REVERT' });
      const reverted = { commit: expect.any(String), reverted: expect.any(String), by: expect.any(String) };
      expect(await project.ask('task', 'show', id)).toMatchObject({ id, status: 'done', reverted });
      expect((await project.run(['task', 'show', id])).stdout).toMatch(/\n\nTaken back by user:\w+ at /);
      expect(await project.ask('audit', 'verify')).toMatchObject({ ok: true });
      // The branch is where the ledger says, so that work goes on.
      const third = await project.add('Third', '--check', 'true');
      expect((await project.run(['task', 'execute', third.id])).exitCode).toBe(0);
      project.write(`${project.place}/p.patch`, stdout);
      project.git('-c', 'user.name=x', '-c', 'user.email=x@y', 'am', `${project.place}/p.patch`);
      expect(project.git('show', 'HEAD:src/new.txt')).toBe('new');
    }));

  it('refuse when later work builds on the change', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo "$SIGNALBOX_ATTEMPT" > src/a.txt');
      const first = await project.add('First', '--check', 'true');
      await project.run(['task', 'execute', first.id]);
      const second = await project.add('Second', '--check', 'true');
      await project.run(['task', 'execute', second.id]);
      const tip = project.git('rev-parse', 'signalbox/integration');
      expect(await refusal(project, 'task', 'revert', first.id)).toMatchObject({
        ...{ exitCode: 4, code: 'LAND_CONFLICT', details: { paths: ['src/a.txt'] } },
      });
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(tip);
    }));
});

describe('task lock add', () => {
  it('takes one more lock, or says who has it', () =>
    withProject({}, async (project) => {
      const claim = async (glob: string) => {
        const { id } = await project.add('Held', '--lock', glob);
        const { lease } = await project.ask<{ lease: { id: string } }>('task', 'claim', id, '--as', 'ana');
        return { id, lease: lease.id };
      };
      const [one, other] = [await claim('src/a/**'), await claim('src/b/**')];
      const add = ['task', 'lock', 'add', one.id];
      expect(await project.ask<Task>(...add, 'docs/**', '--lease', one.lease, '--shared')).toMatchObject({
        locks: [{ glob: 'src/a/**' }, { glob: 'docs/**', mode: 'shared' }],
      });
      expect(await refusal(project, ...add, 'src/**', '--lease', one.lease)).toMatchObject({
        ...{ exitCode: 4, code: 'LOCKED', details: { conflicts: [{ task: other.id }] } },
      });
      expect(await refusal(project, ...add, 'a//b', '--lease', one.lease)).toMatchObject({ exitCode: 2 });
      expect(await refusal(project, ...add, 'x')).toMatchObject({ exitCode: 2, code: 'USAGE' });
    }));
});

describe('tasks as documents', () => {
  it.each(['json', 'yaml', 'md'])('go out and come in again as %s', (format) =>
    withProject({}, async (project) => {
      const first = await project.add('First', '--check', 'npm test', '--priority', 'high');
      await project.add('Second', '--need', first.id, '--lock', 'src/**');
      const { stdout } = await project.run(['task', 'export', '--format', format]);
      await withProject({}, async (other) => {
        other.write(`tasks.${format}`, stdout);
        const { tasks } = await other.ask<{ tasks: Task[] }>('task', 'import', `tasks.${format}`);
        expect(tasks.map(({ title, status, priority }) => [title, status, priority])).toEqual([
          ['First', 'queued', 10],
          ['Second', 'blocked', 0],
        ]);
        expect(tasks[1]?.needs).toEqual([first.id]);
        expect(await other.ask('task', 'import', `tasks.${format}`)).toEqual({ tasks: [], known: 2 });
      });
    }),
  );

  it('are refused whole, with exit code and reason', () =>
    withProject({}, async (project) => {
      project.write('newer.json', '{"version": 9, "tasks": []}');
      project.write('cycle.yaml', 'tasks: [{id: a, title: A, needs: [b]}, {id: b, title: B, needs: [a]}]');
      project.write('plan.txt', 'x');
      const refused = (...argv: string[]) => refusal(project, 'task', 'import', ...argv);
      expect(await refused('newer.json')).toMatchObject({ exitCode: 7, code: 'EXPORT_NEWER' });
      expect(await refused('cycle.yaml')).toMatchObject({ exitCode: 2, code: 'DEPENDENCY_CYCLE' });
      expect(await refused('plan.txt')).toMatchObject({ exitCode: 2, code: 'USAGE' });
      const folder = await project.run(['task', 'import', '.']);
      expect(folder).toMatchObject({ exitCode: 2, stderr: expect.stringContaining(' is a folder.') });
      expect(await refused('nothing.json')).toMatchObject({ exitCode: 3, code: 'NOT_FOUND' });
      expect(await refusal(project, 'task', 'graph', '--format', 'png')).toMatchObject({ exitCode: 2 });
      expect((await project.ask<{ tasks: Task[] }>('task', 'list')).tasks).toEqual([]);
    }));

  it('are drawn as a tree, as Mermaid and as DOT', () =>
    withProject({}, async (project) => {
      const base = await project.add('Base');
      const top = await project.add('Top', '--need', base.id);
      const draw = async (...argv: string[]) => (await project.run(['task', 'graph', ...argv])).stdout;
      expect(await draw()).toBe(`blocked ${top.id} Top\n└─ queued ${base.id} Base\n`);
      expect(await draw('--format', 'mermaid')).toContain(`${base.id} --> ${top.id}`);
      expect(await draw(base.id, '--format', 'dot')).toContain(`"${base.id}" -> "${top.id}"`);
      expect(await project.ask('task', 'graph')).toMatchObject({ edges: [{ need: base.id, task: top.id }] });
    }));
});
