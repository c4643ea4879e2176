import { appendFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  acceptIntegration,
  createGit,
  type Git,
  landForUser,
  patchOf,
  predictMerge,
  requeueByHand,
  revertLanding,
  type Signalbox,
} from '../src/index.js';
import type { Task } from '../src/project/index.js';
import { add, execute, landForeign, type Project, shellAI, USER, withProject } from './support/bench.js';
import { executeElsewhere, killAtMove, killExecutor } from './support/kill.js';

const gitOf = (project: Project): Git => createGit(project.root, project.environment);
const land = (project: Project, box: Signalbox, git = gitOf(project)) =>
  landForUser({ door: box.door, actor: USER, store: box.store }, git);
const tipFiles = (project: Project): string[] =>
  project.git('ls-tree', '-r', '--name-only', 'signalbox/integration').split('\n');
/** Commits on the integration branch that carry a task's change, merges aside. */
const timesLanded = (project: Project, task: string): number =>
  project
    .git('log', '--no-merges', '--format=%H', `--grep=Signalbox-Task: ${task}`, 'signalbox/integration')
    .split('\n')
    .filter(Boolean).length;

describe('agents that land at once', () => {
  it('from several processes have each change landed exactly once', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const write = 'f=$(grep -o "file-[0-9]" | head -1); echo "$f" > "src/$f"';
      const tasks = [];
      for (const n of [1, 2, 3, 4]) {
        await shellAI(box, write, `ai-${n}`);
        tasks.push(await add(box, { title: `Write file-${n}`, checks: ['ls src/file-*'], ai: `ai-${n}` }));
      }
      const [own, ...others] = tasks as [Task, ...Task[]];
      const [last] = await Promise.all([execute(box, own), ...others.map((task) => executeElsewhere(project, task))]);
      expect(last.task.status).toBe('done');
      for (const task of tasks) {
        expect((await box.tasks.get(task.id))?.status).toBe('done');
        expect(timesLanded(project, task.id)).toBe(1);
      }
      expect(tipFiles(project)).toEqual(expect.arrayContaining([1, 2, 3, 4].map((n) => `src/file-${n}`)));
      expect(await box.ledger.verify()).toMatchObject({ ok: true });
      const again = await add(box, { title: 'Write file-5', checks: ['ls src/file-5*'], ai: 'ai-1' });
      expect((await execute(box, again)).task.status).toBe('done');
    }));

  it('go on when one has died right after it moved the branch and another has landed since', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'f=$(grep -o "file-[0-9]" | head -1); echo "$f" > "src/$f"');
      await shellAI(box, 'f=$(grep -o "file-[0-9]" | head -1); echo "$f" > "src/$f"', 'two');
      const path = project.environment['PATH'];
      const first = await add(box, { title: 'Write file-1', checks: ['ls src/file-1*'] });
      killAtMove(project, 'after');
      await killExecutor(project, first, () => false);
      project.environment['PATH'] = path;
      const second = await add(box, { title: 'Write file-2', checks: ['ls src/file-1*'], ai: 'two' });
      expect((await execute(box, second)).task.status).toBe('done');
      // Only now is it written down that the first has landed.
      const other = await project.open();
      expect((await other.tasks.get(first.id))?.status).toBe('done');
      const third = await add(other, { title: 'Write file-3', checks: ['ls src/file-2*'] });
      expect((await execute(other, third)).task).toMatchObject({ status: 'done', blockedBy: [] });
      for (const { id } of [first, second, third]) expect(timesLanded(project, id)).toBe(1);
    }));
});

describe('a move by somebody else while an agent works', () => {
  it('of the base branch is no hindrance; the next task starts from it', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo mine >> mine.txt');
      const { task } = await execute(box, await add(box, { checks: ['test -e ./mine*'] }), {
        on: ({ step }) => step === 'agent' && void project.commitOn('main', 'pushed.txt', 'pushed\n'),
      });
      expect(task.status).toBe('done');
      expect(tipFiles(project)).not.toContain('pushed.txt');
      const next = await execute(box, await add(box, { checks: ['test -e ./pushed*'] }));
      expect(next.task.status).toBe('done');
      expect(tipFiles(project)).toContain('pushed.txt');
    }));

  it('of the integration branch stops the landing until a person accepts it; then the work lands on top', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo mine > mine.txt');
      let pushed = '';
      const first = await execute(box, await add(box, { checks: ['test -e ./mine*'] }), {
        on: ({ step }) => {
          if (step === 'agent') pushed = project.commitOn('signalbox/integration', 'pushed.txt', 'pushed\n');
        },
      });
      expect(first.task).toMatchObject({ status: 'blocked', blockedBy: [{ kind: 'landing' }] });
      expect(project.git('rev-parse', 'signalbox/integration')).toBe(pushed);
      expect(project.git('show', `signalbox/${first.task.id}/1:mine.txt`)).toBe('mine');
      const prediction = await predictMerge(box, gitOf(project), first.task.id);
      expect(prediction).toMatchObject({ status: 'clean', tip: pushed });
      acceptIntegration({ door: box.door, actor: USER }, pushed);
      await requeueByHand({ ...box, actor: USER }, first.task.id);
      const second = await execute(box, first.task.id);
      expect(second.task.status).toBe('done');
      expect(tipFiles(project)).toEqual(expect.arrayContaining(['mine.txt', 'pushed.txt']));
    }));

  it('back to where it was before is one as well', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo x >> log.txt');
      await execute(box, await add(box, { checks: ['true'] }));
      project.git('update-ref', 'refs/heads/signalbox/integration', 'main');
      await expect(execute(box, await add(box, { checks: ['true'] }))).rejects.toMatchObject({
        code: 'INTEGRATION_MOVED',
      });
    }));
});

describe('work that conflicts', () => {
  it('is known before it is tried again, and told to the agent that does', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const heard = join(project.place, 'heard');
      await shellAI(box, `cat > ${heard}; echo mine > src/a.txt`);
      const task = await add(box, { checks: ['true'] });
      expect(await predictMerge(box, gitOf(project), task.id)).toEqual({ status: 'nothing' });
      await execute(box, task, {
        on: ({ step }) => step === 'agent' && void landForeign(project, box, 'src/a.txt', 'theirs\n'),
      });
      const prediction = await predictMerge(box, gitOf(project), task.id);
      expect(prediction).toMatchObject({ status: 'conflict', paths: ['src/a.txt'] });
      expect((await execute(box, task)).task.status).toBe('done');
      expect(readFileSync(heard, 'utf8')).toContain('conflicts with what landed meanwhile in src/a.txt');
      expect(await predictMerge(box, gitOf(project), task.id)).toMatchObject({ status: 'landed' });
    }));
});

describe('`signalbox land`', () => {
  it('keeps what the user commits while it runs', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo mine > mine.txt');
      await execute(box, await add(box, { checks: ['true'] }));
      const git = gitOf(project);
      let raced = false;
      const racing: Git = {
        ...git,
        run: async (args, options) => {
          if (args.includes('--show-toplevel') && !raced) {
            raced = true;
            project.write('users.txt', 'by the user\n');
            project.git('add', 'users.txt');
            project.git('commit', '-q', '-m', 'By the user');
          }
          return git.run(args, options);
        },
      };
      await land(project, box, racing);
      expect(project.git('ls-tree', '-r', '--name-only', 'main').split('\n')).toEqual(
        expect.arrayContaining(['mine.txt', 'users.txt']),
      );
      expect(project.git('status', '--porcelain', '--untracked-files=no')).toBe('');
    }));

  it('lands on a branch that was rewritten since the work began', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo more >> src/a.txt');
      project.git('commit', '-q', '--allow-empty', '-m', 'Mine');
      await execute(box, await add(box, { checks: ['true'] }));
      project.write('README.md', '# x, rewritten\n');
      project.git('commit', '-q', '-a', '--amend', '-m', 'Mine, rewritten');
      expect(await land(project, box)).toMatchObject({ branch: 'main' });
      expect([project.read('README.md'), project.read('src/a.txt')]).toEqual(['# x, rewritten\n', 'a\nmore\n']);
      expect((await execute(box, await add(box, { checks: ['grep -q rewritten README.md'] }))).task.status).toBe(
        'done',
      );
    }));
});

describe('what has landed', () => {
  it('is taken back, and the same change lands again as another task', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo mine > mine.txt');
      const { task: first } = await execute(box, await add(box, { checks: ['true'] }));
      await land(project, box);
      const env = { store: box.store, door: box.door, actor: USER };
      await revertLanding(env, gitOf(project), first);
      expect(tipFiles(project)).not.toContain('mine.txt');
      await expect(revertLanding(env, gitOf(project), first)).rejects.toMatchObject({ code: 'NOTHING_TO_REVERT' });
      await land(project, box);
      expect(() => project.read('mine.txt')).toThrow('ENOENT');
      const { task: second } = await execute(box, await add(box, { checks: ['true'] }));
      expect(second.status).toBe('done');
      await land(project, box);
      expect(project.read('mine.txt')).toBe('mine\n');
    }));

  it('can be had as a patch that applies to where it began', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, "printf 'b\\000b' > src/b.bin; echo more >> src/a.txt");
      const { task } = await execute(box, await add(box, { checks: ['true'] }));
      const patch = await patchOf(box, gitOf(project), task);
      const file = join(project.place, 'x.patch');
      appendFileSync(file, patch);
      project.git('am', '-q', file);
      expect(project.git('rev-parse', 'HEAD^{tree}')).toBe(project.git('rev-parse', 'signalbox/integration^{tree}'));
      expect(project.git('log', '-1', '--format=%an')).toBe('sh');
    }));
});
