import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import type { Task } from '@signalbox/runtime/project';
import { type Project, shellAI, withProject } from './support/project.js';

interface Document {
  task: Task;
  attempt: { id: string; number: number; ai: string; outcome: string; failure: { class: string } | null };
  evidence: { id: string; kind: string }[];
  verdict: { pass: boolean; reasons: { code: string }[] } | null;
}

/** Runs `task execute` with `--json`; the document is printed for every way in which an attempt can end. */
async function execute(project: Project, ...argv: string[]): Promise<{ exitCode: number; document: Document }> {
  const { exitCode, stdout, stderr } = await project.run(['task', 'execute', ...argv, '--json']);
  if (stdout === '') throw new Error(stderr);
  return { exitCode, document: JSON.parse(stdout) };
}

async function refusal(project: Project, ...argv: string[]): Promise<Record<string, unknown>> {
  const { exitCode, stdout, stderr } = await project.run(['task', 'execute', ...argv, '--json']);
  expect(stdout).toBe('');
  return { exitCode, ...JSON.parse(stderr.trim().split('\n').at(-1) ?? '').error };
}

describe('signalbox task execute', () => {
  it('does one attempt, lands it and prints the document of the contract', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo b > src/b.txt');
      const { id } = await project.add('Write b', '--check', 'test -e src');
      const { exitCode, document } = await execute(project, id);
      expect(exitCode).toBe(0);
      expect(document).toEqual({
        task: expect.objectContaining({ id, status: 'done', attempt: 1, lease: null }),
        attempt: {
          id: expect.stringMatching(/^att_/),
          number: 1,
          ai: 'sh',
          outcome: 'succeeded',
          failure: null,
          durationMs: expect.any(Number),
          usage: {},
        },
        evidence: [expect.objectContaining({ kind: 'diff' }), expect.objectContaining({ kind: 'command' })],
        verdict: expect.objectContaining({ pass: true, reasons: [] }),
      });
      expect(project.git('show', 'signalbox/integration:src/b.txt')).toBe('b');
      expect(await project.ask('ai', 'list')).toMatchObject({ ais: [{ id: 'sh', running: 0 }] });
    }));

  it('says what goes on, on standard error, and what came of it', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo working hard; echo b > src/b.txt');
      const { id } = await project.add('Write b', '--check', 'test -e src');
      const { stdout, stderr } = await project.run(['task', 'execute', '--next', '--verbose']);
      const steps = stderr.trimEnd().split('\n');
      expect(steps.map((line) => line.split(/ +/)[1])).toEqual([
        ...['claimed', 'routed', 'workspace', 'agent', 'output', 'check', 'landed'],
      ]);
      for (const line of steps) expect(line.length).toBeLessThanOrEqual(80);
      expect(stdout).toMatch(new RegExp(`^${id} {2}done {2}Write b\n {2}attempt 1 by sh, \\d+\\.\\d s, succeeded\n`));
      expect(stdout).toMatch(/diff {5}1 file changed \(observed, [0-9a-f]{12}\)/);
      expect(stdout).toMatch(/command {2}test -e src → exit 0 \(verified, /);
    }));

  it('exits with 8 when a check fails, queues the task again and says why', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo b > src/b.txt');
      const { id } = await project.add('Write c', '--check', 'test -e src/c.txt', '--max-attempts', '2');
      const first = await execute(project, id);
      expect(first).toMatchObject({
        exitCode: 8,
        document: {
          task: { status: 'queued' },
          attempt: { outcome: 'failed', failure: { class: 'checks_failed' } },
          verdict: { pass: false, reasons: [{ code: 'CHECK_FAILED' }] },
        },
      });
      const { exitCode, stdout } = await project.run(['task', 'execute', id]);
      expect(exitCode).toBe(8);
      expect(stdout).toContain('The check `test -e src/c.txt` exited with 1.');
      expect(await project.ask('task', 'show', id)).toMatchObject({ status: 'failed' });
      expect(await refusal(project, id)).toMatchObject({ exitCode: 4, code: 'FINISHED' });
    }));

  it('says that it is queued again, and where to look', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'exit 3');
      const { id } = await project.add('x', '--check', 'true');
      const { stdout } = await project.run(['task', 'execute', id]);
      expect(stdout).toContain('The command ended with exit code 3.');
      expect(stdout).toContain(
        `  It is queued again; the next attempt is told what failed.\n  See signalbox evidence show ${id}\n`,
      );
    }));

  it('exits with 6 when a person must look', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo b > src/b.txt');
      const { id } = await project.add('No check');
      expect(await execute(project, id)).toMatchObject({
        exitCode: 6,
        document: { task: { status: 'blocked', blockedBy: [{ kind: 'human' }] }, verdict: { pass: false } },
      });
      expect((await project.run(['task', 'show', id])).stdout).toContain('waits: The task has no check');
      expect(await refusal(project, id)).toMatchObject({ exitCode: 4, code: 'BLOCKED' });
      // Every place that shows the block says how to go on.
      for (const argv of [['task', 'show', id], ['task', 'why', id], ['status']]) {
        const told = (await project.run(argv)).stdout.replace(/\s+/g, ' ');
        expect([argv, told]).toEqual([argv, expect.stringContaining(`signalbox task accept ${id}`)]);
      }
      const accepted = await project.run(['task', 'accept', id, '--json']);
      expect([accepted.exitCode, JSON.parse(accepted.stdout)]).toMatchObject([0, { task: { id, status: 'done' } }]);
      expect(project.git('show', 'signalbox/integration:src/b.txt')).toBe('b');
      const again = await project.run(['task', 'accept', id, '--json']);
      expect([again.exitCode, JSON.parse(again.stderr).error.code]).toEqual([4, 'WRONG_STATE']);
    }));

  it('exits with 5 when policy denies, and with 6 when it wants an approval, running nothing', () =>
    withProject({}, async (project) => {
      await project.ask('ai', 'register', 'sh', '--connector', 'command');
      const denied = await project.add('Push', '--run', 'git push --force origin main');
      expect(await execute(project, denied.id)).toMatchObject({
        exitCode: 5,
        document: {
          task: { status: 'blocked', attempt: 0 },
          attempt: { failure: { class: 'policy_denied' } },
          verdict: { pass: false },
        },
      });
      const asked = await project.add('Push', '--run', 'git push origin main');
      expect(await execute(project, asked.id)).toMatchObject({
        exitCode: 6,
        document: { task: { status: 'blocked', blockedBy: [{ kind: 'approval' }] } },
      });
    }));

  it('works in the folder itself when asked, landing nothing', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo b > src/b.txt');
      const { id } = await project.add('Write b', '--check', 'test -e src');
      expect((await execute(project, id, '--workspace', 'in-place')).exitCode).toBe(0);
      expect(readFileSync(join(project.root, 'src/b.txt'), 'utf8')).toBe('b\n');
      expect(project.git('branch', '--list', 'signalbox/*')).toBe('');
    }));

  it('says with --dry-run what it would do, and does nothing', () =>
    withProject({}, async (project) => {
      await shellAI(project, ':');
      const { id } = await project.add('x', '--check', 'true');
      await project.ask('ai', 'register', 'other', '--connector', 'command');
      const plan = await project.ask('task', 'execute', '--next', '--dry-run');
      expect(plan).toMatchObject({
        task: { id },
        decision: 'allow',
        ai: 'sh',
        ranking: [{ ai: 'sh' }, { ai: 'other' }],
      });
      const { stdout } = await project.run(['task', 'execute', id, '--dry-run']);
      expect(stdout).toMatch(
        /policy says allow\.\nIt would go to sh\.\n {2}sh: score .*\n {2}other: it has no program/,
      );
      const none = await project.run(['task', 'execute', id, '--dry-run', '--ai', 'other']);
      expect(none.stdout).toContain('No AI can take it.');
      expect(await project.ask('task', 'show', id)).toMatchObject({ status: 'queued', version: expect.any(Number) });
      expect(project.git('branch', '--list', 'signalbox/*')).toBe('');
    }));

  it('works through everything with --all, one document a line and a summary at the end', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'cat > "$(date +%s%N).txt"');
      const first = await project.add('One', '--check', 'true');
      const second = await project.add('Two', '--check', 'true', '--need', first.id);
      const { exitCode, stdout } = await project.run(['task', 'execute', '--all', '--concurrency', '2', '--json']);
      expect(exitCode).toBe(0);
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.map((line) => line.task?.id ?? 'summary')).toEqual([first.id, second.id, 'summary']);
      expect(lines.at(-1).summary).toMatchObject({ executed: 2, done: 2, failed: 0, blocked: 0 });
      const nothing = await project.run(['task', 'execute', '--all']);
      expect(nothing).toMatchObject({ exitCode: 0, stdout: expect.stringMatching(/^0 attempts: /) });
    }));

  it('exits after --all with what the worst of them deserves', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo x > x.txt');
      await project.add('Blocked');
      expect((await project.run(['task', 'execute', '--all'])).exitCode).toBe(6);
      await project.add('Failed', '--check', 'false', '--max-attempts', '1');
      const { exitCode, stdout } = await project.run(['task', 'execute', '--all']);
      expect(exitCode).toBe(8);
      expect(stdout).toContain('1 attempt of 1 task: 0 done, 1 failed, 0 blocked, 0 to be tried again.');
    }));

  it('exits with 130 when it is interrupted', () =>
    withProject({}, async (project) => {
      await shellAI(project, ':');
      const { id } = await project.add('x', '--check', 'true');
      const signal = AbortSignal.abort({ class: 'cancelled', message: 'Interrupted.' });
      const { exitCode, stderr } = await project.run(['task', 'execute', id], { signal });
      expect(exitCode).toBe(130);
      expect(stderr).toContain(`Interrupted: ${id} is queued again`);
      expect((await project.run(['task', 'execute', '--all'], { signal })).exitCode).toBe(130);
    }));

  it('tells what became of a claim where no AI can take the task', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('x', '--check', 'true');
      const { exitCode, stderr } = await project.run(['task', 'execute', id]);
      expect(exitCode).toBe(3);
      expect(stderr).toMatch(new RegExp(`^${id} claimed +x\\n${id} settled +queued\\n`));
    }));

  it.each([
    [['tsk_x', '--all'], 2, 'USAGE'],
    [['tsk_x', '--next'], 2, 'USAGE'],
    [['--next', '--all'], 2, 'USAGE'],
    [['--workspace', 'moon'], 2, 'USAGE'],
    [['--all', '--concurrency', '0'], 2, 'USAGE'],
    [['--concurrency', '3'], 2, 'USAGE'],
    [['tsk_x'], 3, 'NOT_FOUND'],
    [['--ai', 'nobody'], 3, 'AI_NOT_FOUND'],
    [[], 3, 'NOTHING_READY'],
    [['--dry-run'], 3, 'NOTHING_READY'],
  ])('refuses %j', (argv, exitCode, code) =>
    withProject({}, async (project) => {
      expect(await refusal(project, ...argv)).toMatchObject({ exitCode, code });
    }),
  );
});

describe('signalbox land', () => {
  it('merges what is finished into the branch that is checked out, and only then', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo b > src/b.txt');
      await project.add('Write b', '--check', 'test -e src');
      expect(await project.run(['land'])).toMatchObject({ exitCode: 3 });
      expect((await project.run(['task', 'execute'])).exitCode).toBe(0);
      expect((await project.run(['status'])).stdout).toContain(
        '1 finished change waits for main: run `signalbox land`.',
      );
      project.write('src/a.txt', 'half an idea\n');
      const dirty = await project.run(['land', '--json']);
      expect(dirty.exitCode).toBe(4);
      expect(JSON.parse(dirty.stderr).error).toMatchObject({
        code: 'DIRTY_CHECKOUT',
        message: 'The checkout has changes that are not committed in 1 file: src/a.txt.',
        details: { files: ['src/a.txt'] },
      });
      project.git('checkout', '--', 'src/a.txt');
      expect(await project.run(['land'])).toMatchObject({
        exitCode: 0,
        stdout: expect.stringMatching(/^Merged 1 commit into main, which is now at [0-9a-f]{12}\.\n$/),
      });
      expect(readFileSync(join(project.root, 'src/b.txt'), 'utf8')).toBe('b\n');
    }));

  it('finds nothing to land on outside of git, or where nothing was ever committed', async () => {
    const refused = async (project: Project): Promise<unknown[]> => {
      await project.ask('init', '--root', project.root);
      const { exitCode, stderr } = await project.run(['land', '--root', project.root, '--json']);
      return [exitCode, JSON.parse(stderr).error.code];
    };
    const options = { git: false, init: false };
    await withProject(options, async (project) => {
      expect(await refused(project)).toEqual([3, 'NO_REPOSITORY']);
    });
    await withProject(options, async (project) => {
      execFileSync('git', ['init', '--quiet', project.root], { env: project.environment });
      expect(await refused(project)).toEqual([3, 'NO_COMMITS']);
    });
  });
});

describe('signalbox evidence show', () => {
  it('lists the proof of a task, and prints one piece as it is', () =>
    withProject({}, async (project) => {
      await shellAI(project, 'echo b > src/b.txt');
      const { id } = await project.add('Write b', '--check', 'cat README.md');
      expect((await project.run(['evidence', 'show', id])).stdout).toBe('There is no evidence yet.\n');
      const { document } = await execute(project, id);
      expect((await project.run(['task', 'show', id])).stdout).toContain(
        `2 pieces of evidence: signalbox evidence show ${id}`,
      );
      expect((await project.run(['evidence', 'show', id])).stdout.match(/^evd_/gm)).toHaveLength(2);
      const [diff, check] = document.evidence;
      const piece = await project.run(['evidence', 'show', id, '--content', diff?.id ?? '']);
      expect(piece.stdout).toMatch(/^diff --git a\/src\/b\.txt b\/src\/b\.txt\n[\s\S]*\+b\n$/);
      expect(await project.ask('evidence', 'show', id, '--content', check?.id ?? '')).toMatchObject({
        id: check?.id,
        kind: 'command',
        grade: 'verified',
        content: '# x\n',
      });
      const missing = await project.run(['evidence', 'show', id, '--content', 'evd_none', '--json']);
      expect([missing.exitCode, JSON.parse(missing.stderr).error.code]).toEqual([3, 'NOT_FOUND']);
    }));
});
