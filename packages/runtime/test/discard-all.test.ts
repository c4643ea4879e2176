import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import {
  discardWorkspace,
  discardWorkspaces,
  findWorkspaces,
  listWorkspaces,
  RuntimeError,
  type Signalbox,
} from '../src/index.js';
import type { Task } from '../src/project/index.js';
import { addRules, answer, questions } from './support/approvals.js';
import { add, execute, exists, type Project, shellAI, USER, withProject, worktreeOf } from './support/bench.js';

const KEY = ['-----BEGIN PRIVATE KEY-----', 'x'.repeat(64), '-----END PRIVATE KEY-----', ''].join('\n');
const discard = (box: Signalbox, name: string, force = false) =>
  discardWorkspace({ ...box, actor: USER }, { name }, { force });
const list = (project: Project, box: Signalbox) => listWorkspaces(box.store, project.environment);

/** A task that failed once; `script` says what it left, nothing by default. */
async function withLeft(
  options: { files?: Record<string, string>; script?: string; submodule?: boolean },
  test: (project: Project, box: Signalbox, task: Task, folder: string) => Promise<void>,
): Promise<void> {
  const { files, script = 'true', submodule = false } = options;
  await withProject(files ? { files } : {}, async (project) => {
    if (submodule) addSubmodule(project);
    const box = await project.open();
    await shellAI(box, `${script}; exit 3`, 'bad');
    const task = await add(box, { title: 'Leave it', checks: ['true'], maxAttempts: 3, ai: 'bad' });
    await execute(box, task);
    await test(project, box, task, worktreeOf(box, task));
  });
}

function addSubmodule(project: Project): void {
  const other = join(project.place, 'lib');
  mkdirSync(other);
  const git = (...args: string[]) => project.git('-C', other, '-c', 'user.name=a', '-c', 'user.email=a@b', ...args);
  git('init', '-q', '-b', 'main');
  writeFileSync(join(other, 'lib.txt'), 'one\n');
  git('add', '-A');
  git('commit', '-q', '-m', 'one');
  project.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', other, 'lib');
  project.git('commit', '-q', '-m', 'Add lib');
  rmSync(other, { recursive: true });
}

async function patchesOf(box: Signalbox, task: Task): Promise<string> {
  const kept = await box.store.evidence.list({ task: task.id });
  const diffs = kept.filter(({ kind }) => kind === 'diff');
  return (await Promise.all(diffs.map(({ digest }) => box.executor.blobs.get(digest)))).join('\n');
}

describe('work within a submodule that is discarded', () => {
  it('is counted and kept as a patch, where nothing else was changed and its commit is as it was', () =>
    withLeft({ submodule: true }, async (project, box, task, folder) => {
      expect(await list(project, box)).toMatchObject([{ changes: { files: 0 } }]);
      writeFileSync(join(folder, 'lib', 'lib.txt'), 'precious\n');
      writeFileSync(join(folder, 'lib', 'new.txt'), 'and new\n');
      expect(await list(project, box)).toMatchObject([{ changes: { files: 2, insertions: 2, deletions: 1 } }]);
      const done = await discard(box, task.id);
      expect(done).toMatchObject({ whole: true });
      expect(done.patches).toHaveLength(1);
      const patch = await patchesOf(box, task);
      expect(patch).toContain('+precious');
      expect(patch).toContain('+and new');
    }));

  it('is not discarded without force where it cannot be told, be it without its git folder or hidden there', () =>
    withLeft({ submodule: true }, async (project, box, task, folder) => {
      mkdirSync(join(folder, 'lib', '.git', 'info'), { recursive: true });
      writeFileSync(join(folder, 'lib', '.git', 'info', 'exclude'), '*\n');
      writeFileSync(join(folder, 'lib', 'new.txt'), 'x\n');
      const refusal = { code: 'WORKSPACE_UNREADABLE', details: { lost: ['lib'] } };
      await expect(discard(box, task.id)).rejects.toMatchObject(refusal);
      rmSync(join(folder, 'lib', '.git'), { recursive: true });
      await expect(discard(box, task.id)).rejects.toMatchObject(refusal);
      expect(await list(project, box)).toMatchObject([{ changes: null }]);
      expect(await discard(box, task.id, true)).toMatchObject({ whole: false });
      expect(exists(folder)).toBe(false);
    }));
});

describe('work that an attempt hides by ignore rules of its own', () => {
  const files = { '.gitignore': 'out/\n*.log\n', 'a.txt': 'a\n' };

  it('is counted and kept, and what was ignored before is not', () =>
    withLeft({ files }, async (project, box, task, folder) => {
      writeFileSync(join(folder, '.gitignore'), '*\n');
      for (const name of ['p.txt', ':odd', 'x.log']) writeFileSync(join(folder, name), `${name} is there\n`);
      mkdirSync(join(folder, 'out'));
      writeFileSync(join(folder, 'out', 'b.js'), 'built\n');
      mkdirSync(join(folder, 'cache'));
      writeFileSync(join(folder, 'cache', '.gitignore'), '*\n');
      expect(await list(project, box)).toMatchObject([{ changes: { files: 4 } }]);
      expect(await discard(box, task.id)).toMatchObject({ whole: true });
      const patch = await patchesOf(box, task);
      for (const kept of ['+p.txt is there', '+:odd is there', 'b/cache/.gitignore']) expect(patch).toContain(kept);
      for (const not of ['x.log', 'built']) expect(patch).not.toContain(not);
    }));

  it('is not discarded without force where it is a repository', () =>
    withLeft({ files }, async (project, box, task, folder) => {
      writeFileSync(join(folder, '.gitignore'), '*\n');
      project.git('init', '-q', join(folder, 'inner'));
      writeFileSync(join(folder, 'inner', 'x.txt'), 'x\n');
      await expect(discard(box, task.id)).rejects.toMatchObject({ code: 'WORKSPACE_UNREADABLE' });
      expect(exists(folder)).toBe(true);
    }));
});

describe('whose workspaces are meant', () => {
  it('is nobody by no name, by a beginning that is short, or by the id of an attempt that left none', () =>
    withLeft({ script: 'echo w > w.txt' }, async (_, box, task) => {
      const [first] = await box.tasks.attempts(task.id);
      const id = first?.id ?? '';
      for (const target of ['', 'a', 'att', 'att_', id.slice(0, 7), 'tsk_']) {
        await expect(findWorkspaces(box.executor, target)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      }
      expect(await findWorkspaces(box.executor, id.slice(0, -2))).toHaveLength(1);
      await execute(box, task);
      const [, second] = await box.tasks.attempts(task.id);
      expect(await findWorkspaces(box.executor, second?.id ?? '')).toHaveLength(1);
      await expect(findWorkspaces(box.executor, id)).rejects.toMatchObject({ code: 'NOT_FOUND' });
      await expect(findWorkspaces(box.executor, id.slice(0, 8))).rejects.toMatchObject({ code: 'AMBIGUOUS_ID' });
    }));
});

describe('a yes to discard', () => {
  it('is about this work without force, and is filed under its task', () =>
    withLeft({ script: 'echo w > w.txt' }, async (project, _, task, folder) => {
      addRules(project, '  - { id: ask, effect: ask, on: [workspace.discard], obligations: [{ approval: user }] }\n');
      const asking = await project.open();
      await expect(discard(asking, task.id)).rejects.toMatchObject({ code: 'APPROVAL_REQUIRED' });
      expect(await questions(asking)).toMatchObject([{ task: task.id, exactly: { force: false } }]);
      await answer(asking);
      writeFileSync(join(folder, 'key.pem'), KEY);
      await expect(discard(asking, task.id, true)).rejects.toMatchObject({ code: 'APPROVAL_REQUIRED' });
      expect((await questions(asking)).find(({ exactly }) => exactly?.['force'] === true)?.what).toContain(
        'also what cannot be kept',
      );
      rmSync(join(folder, 'key.pem'));
      writeFileSync(join(folder, 'more.txt'), 'more\n');
      await expect(discard(asking, task.id)).rejects.toMatchObject({ code: 'APPROVAL_REQUIRED' });
      rmSync(join(folder, 'more.txt'));
      expect(await discard(asking, task.id)).toMatchObject({ whole: true });
      expect(asking.ledger.read({ kind: 'workspace.discarded' }).at(-1)).toMatchObject({ subject: `task/${task.id}` });
    }));
});

describe('several workspaces', () => {
  const aside = (folder: string) => `${folder}.kept-2`;

  it('stay all of them where one cannot be kept or policy does not let it go', () =>
    withLeft({ script: 'echo w > w.txt' }, async (project, box, task, folder) => {
      mkdirSync(aside(folder));
      writeFileSync(join(aside(folder), 'key.pem'), KEY);
      const all = async (from: Signalbox) =>
        discardWorkspaces({ ...from, actor: USER }, await findWorkspaces(from.executor, task.id), { force: false });
      await expect(all(box)).rejects.toMatchObject({ code: 'WORKSPACE_UNREADABLE' });
      expect(exists(folder)).toBe(true);
      rmSync(join(aside(folder), 'key.pem'));
      const when = `when: 'resource.id == "${task.id}.kept-2"'`;
      addRules(project, `  - { id: keep, effect: deny, on: [workspace.discard], ${when} }\n`);
      await expect(all(await project.open())).rejects.toMatchObject({ code: 'POLICY_DENIED' });
      expect(exists(folder)).toBe(true);
    }));

  it.each([
    [new RuntimeError({ code: 'POLICY_INVALID', message: 'Somebody broke it.', hint: 'Mend it.' }), 'POLICY_INVALID'],
    [new Error('The disk is broken.'), 'WORKSPACE_FAILED'],
  ])('are named in the error where one fails after others have gone: %s', (reason, code) =>
    withLeft({ script: 'echo w > w.txt' }, async (_, box, task, folder) => {
      mkdirSync(aside(folder));
      const found = await findWorkspaces(box.executor, task.id);
      let passed = 0;
      const pass: typeof box.door.pass = (ask, effect) => {
        passed += 1;
        return passed === 1 ? box.door.pass(ask, effect) : Promise.reject(reason);
      };
      const env = { ...box, door: { ...box.door, pass }, actor: USER };
      const [gone = '', stays = ''] = found.map(({ name }) => name);
      await expect(discardWorkspaces(env, found, { force: false })).rejects.toMatchObject({
        code,
        message: `${reason.message} Discarded before that: ${gone}.`,
        details: { discarded: [{ name: gone, whole: true }] },
      });
      expect(await findWorkspaces(box.executor, task.id)).toMatchObject([{ name: stays }]);
    }),
  );
});
