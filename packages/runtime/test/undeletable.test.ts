import { chmodSync, mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTempDir } from '@signalbox/testkit';
import { unmadeBy } from '../src/executor/open-workspace.js';
import { discard, vacate } from '../src/workspace/discard.js';
import { removeTree } from '../src/workspace/remove-tree.js';
import { add, execute, exists, kinds, scriptedClaude, shellAI, withProject, worktreeOf } from './support/bench.js';

/** Fails as for a user without rights, the first `times`: the tests may run as root, whom no mode stops. */
function deniedFirst(times: number, before: () => void = () => {}): typeof rm {
  let calls = 0;
  return async (path, options) => {
    calls += 1;
    if (calls <= times) throw Object.assign(new Error('EACCES: permission denied'), { code: 'EACCES' });
    before();
    await rm(path, options);
  };
}

async function withFolder(test: (place: string) => Promise<void>): Promise<void> {
  const { path, remove } = createTempDir();
  try {
    await test(path);
  } finally {
    remove();
  }
}

const modeOf = (path: string): number => statSync(path).mode & 0o777;

describe('a folder that its owner may not write', () => {
  it('is removed all the same, and what its links lead to is left as it is', () =>
    withFolder(async (place) => {
      const [tree, other] = [join(place, 'tree'), join(place, 'other')];
      mkdirSync(join(tree, 'mod', 'deep'), { recursive: true });
      mkdirSync(other);
      symlinkSync(other, join(tree, 'mod', 'link'));
      for (const path of [other, join(tree, 'mod', 'deep'), join(tree, 'mod')]) chmodSync(path, 0o555);
      const modes: number[] = [];
      const look = (): void => {
        modes.push(...[join(tree, 'mod'), join(tree, 'mod', 'deep'), other].map(modeOf));
      };
      await removeTree(tree, deniedFirst(1, look));
      expect(modes).toEqual([0o755, 0o755, 0o555]);
      expect([exists(tree), exists(other)]).toEqual([false, true]);
    }));

  it('is moved out of the way if nothing helps and its place is needed', () =>
    withFolder(async (place) => {
      const folder = join(place, 'tsk_1');
      mkdirSync(folder);
      await expect(discard(folder, place, deniedFirst(9))).rejects.toThrow('EACCES');
      await vacate(folder, place, deniedFirst(9));
      expect(readdirSync(place)).toEqual([expect.stringMatching(/^tsk_1\.kept-x/)]);
    }));
});

describe('an attempt that is settled', () => {
  it('stays so when what follows fails, and that is said', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo b > src/b.txt');
      const task = await add(box, { checks: ['true'] });
      const { sessions } = box.store.paths;
      box.executor.checkpoint = () => Promise.reject(new Error('no key'));
      const { task: after, steps } = await execute(box, task, {
        on: ({ step }) => {
          if (step !== 'check') return;
          rmSync(sessions, { recursive: true, force: true });
          // Nothing can be in a file, nor be removed from it, not even by root.
          writeFileSync(sessions, '');
        },
      });
      expect(after.status).toBe('done');
      const said = steps.map(({ text }) => text).join('\n');
      expect(said).toMatch(/the sessions were left for the next time: .*ENOTDIR/);
      expect(said).toContain('no checkpoint was made: no key');
      expect(kinds(box)).not.toContain('task.released');
      expect(exists(worktreeOf(box, task))).toBe(false);
    }));
});

describe('a workspace that cannot be made', () => {
  it('blocks its task until a person looks, without an attempt spent', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo b > src/b.txt');
      const notes = join(project.root, '.git', 'worktrees');
      writeFileSync(notes, '');
      const { task, verdict } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task).toMatchObject({ status: 'blocked', attempt: 0, blockedBy: [{ kind: 'human' }] });
      expect(verdict.reasons).toMatchObject([{ code: 'NOT_FINISHED' }]);
      const [block] = task.blockedBy;
      expect(block?.kind === 'human' && block.reason).toContain('The workspace could not be made: ');
      rmSync(notes);
    }));

  it.each(["cannot lock ref 'x': Unable to create 'x.lock': File exists.", 'write error: No space left on device'])(
    'throws for what is over in a moment, or everybody’s: %s',
    (message) => {
      const error = Object.assign(new Error(message), { code: 'GIT_FAILED' });
      expect(() => unmadeBy(error)).toThrow(message);
    },
  );

  it('throws where no task could begin', () =>
    withProject({ commit: false }, async (project) => {
      const box = await project.open();
      await shellAI(box, 'true');
      const task = await add(box, { checks: ['true'] });
      await expect(execute(box, task)).rejects.toMatchObject({ code: 'NO_COMMITS' });
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued', attempt: 0 });
    }));
});

describe('what an agent has told of its use', () => {
  it('is kept when the landing breaks off and the task goes back', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await scriptedClaude(project, box, [
        { tools: [{ name: 'Write', input: { file_path: '{{cwd}}/b', content: 'b' } }] },
      ]);
      const lock = '"$(git rev-parse --git-common-dir)/refs/heads/signalbox/integration.lock"';
      const task = await add(box, { checks: [`touch ${lock}`] });
      await expect(execute(box, task)).rejects.toMatchObject({ code: 'GIT_FAILED' });
      const [attempt] = await box.tasks.attempts(task.id);
      expect(attempt).toMatchObject({ outcome: 'released', data: { usage: { outputTokens: expect.any(Number) } } });
      expect(attempt?.data['session']).toEqual(expect.any(String));
      rmSync(join(project.root, '.git/refs/heads/signalbox/integration.lock'));
    }));
});
