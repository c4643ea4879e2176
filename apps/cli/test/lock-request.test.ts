import { describe, expect, it } from '@jest/globals';
import type { Attempt, Task } from '@signalbox/runtime/project';
import { runBinary } from './support/binary.js';
import { type Project, withProject } from './support/project.js';

/** An agent that asks for one more lock in its own words, and writes there if it gets it. */
async function askingAgent(project: Project, line: string): Promise<void> {
  await project.ask('ai', 'register', 'sh', '--connector', 'command', '--config', `shell=${line}`);
}

const ASKS = `signalbox task lock add "$(basename "$PWD")" 'docs/**' --json > "$TMPDIR/answer" 2>&1 || { cat "$TMPDIR/answer"; exit 1; }
mkdir -p docs && echo more > docs/new.md`;

describe('a lock that an agent asks for while it works', () => {
  it('is granted if it is free, and what is written there lands', () =>
    withProject({}, async (project) => {
      await askingAgent(project, ASKS);
      const { id } = await project.add('write', '--type', 'docs', '--lock', 'src/**', '--check', 'true');
      const ran = await runBinary(project, ['task', 'execute', id, '--json']);
      expect(ran).toMatchObject({ exitCode: 0 });
      const task = await project.ask<Task>('task', 'show', id);
      expect(task.locks.map(({ glob }) => glob)).toEqual(['src/**', 'docs/**']);
      expect(project.git('show', 'signalbox/integration:docs/new.md')).toBe('more');
    }));

  it('makes the task wait for it if another holds it, without an attempt spent', () =>
    withProject({}, async (project) => {
      await askingAgent(project, ASKS);
      const other = await project.add('docs', '--lock', 'docs/**');
      await project.ask('task', 'claim', other.id, '--as', 'ana');
      const { id } = await project.add('write', '--type', 'docs', '--lock', 'src/**', '--check', 'true');
      const ran = await runBinary(project, ['task', 'execute', id, '--json']);
      const { task, attempt } = JSON.parse(ran.stdout) as { task: Task; attempt: Attempt };
      expect([attempt.outcome, task.attempt]).toEqual(['released', 0]);
      const after = await project.ask<Task>('task', 'show', id);
      expect(after.locks.map(({ glob }) => glob)).toEqual(['src/**', 'docs/**']);
      const next = await project.run(['task', 'execute', id, '--json']);
      expect(next.exitCode).toBe(4);
      expect(next.stderr).toContain(other.id);
      const log = await project.run(['audit', 'log', '--kind', 'task.lock_wanted', '--json']);
      expect(log.stdout).toContain('docs/**');
    }));

  it.each(['**', '{**,x}', '*', '?eadme.md', '[a-z]*/x'])(
    'is a question for a person when it may stand for everything: %s',
    (glob) =>
      withProject({}, async (project) => {
        await askingAgent(
          project,
          `signalbox task lock add "$(basename "$PWD")" '${glob}' >&2; echo "ended with $?" >&2; exit 1`,
        );
        const { id } = await project.add('write', '--type', 'docs', '--lock', 'src/**', '--check', 'true');
        const ran = await runBinary(project, ['task', 'execute', id, '--json']);
        expect((JSON.parse(ran.stdout) as { attempt: Attempt }).attempt.failure?.message).toContain('ended with 6');
      }),
  );

  it('says which lock it is where a person is asked', () =>
    withProject({}, async (project) => {
      await askingAgent(project, `signalbox task lock add "$(basename "$PWD")" '**' --shared >&2; exit 1`);
      const { id } = await project.add('write', '--type', 'docs', '--lock', 'src/**', '--check', 'true');
      await runBinary(project, ['task', 'execute', id, '--json']);
      const { approvals } = await project.ask<{ approvals: { id: string; what: string }[] }>('approval', 'list');
      expect(approvals).toMatchObject([{ what: `lock ** (shared) for ${id}` }]);
      const { stdout } = await project.run(['approval', 'show', approvals[0]?.id ?? '']);
      expect(stdout).toContain(`wants to lock ** (shared) for ${id}`);
      expect(stdout).toContain('lock: {"glob":"**","mode":"shared"}');
    }));

  it('is refused for a task that is not its own', () =>
    withProject({}, async (project) => {
      const other = await project.add('docs', '--lock', 'docs/**');
      await askingAgent(
        project,
        `signalbox task lock add ${other.id} 'x/**' --json 1>&2; echo "ended with $?" >&2; exit 1`,
      );
      const { id } = await project.add('write', '--type', 'docs', '--check', 'true');
      const ran = await runBinary(project, ['task', 'execute', id, '--json']);
      const { attempt } = JSON.parse(ran.stdout) as { attempt: Attempt };
      expect(attempt.failure?.message).toMatch(/AGENT_REFUSED[\s\S]*ended with 5/);
    }));
});
