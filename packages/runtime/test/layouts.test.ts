import { createHash } from 'node:crypto';
import { lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createSignalbox, initProject, type Signalbox } from '../src/index.js';
import { findHome, findRoot } from '../src/project/index.js';
import { add, execute, exists, type Project, shellAI, withProject } from './support/bench.js';

interface Layout {
  /** Absolute: where repositories are made. */
  place: string;
  git(folder: string, ...args: string[]): string;
  write(file: string, text: string): void;
  /** Makes a repository with a commit in it. */
  repository(folder: string, ...options: string[]): string;
  /** Initialises a project and opens it. */
  open(root: string): Promise<Signalbox>;
}

/** For repositories that are not as they mostly are. */
async function withLayout(test: (layout: Layout) => Promise<void>): Promise<void> {
  await withProject({ git: false, init: false }, async (project: Project) => {
    const { place, environment } = project;
    const boxes: Signalbox[] = [];
    const git: Layout['git'] = (folder, ...args) => project.git('-C', folder, ...args);
    const write: Layout['write'] = (file, text) => {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
    };
    const layout: Layout = {
      ...{ place, git, write },
      repository(name, ...options) {
        const folder = join(place, name);
        mkdirSync(folder, { recursive: true });
        git(folder, 'init', '-q', '-b', 'main', ...options);
        git(folder, 'config', 'user.email', 'ana@example.invalid');
        git(folder, 'config', 'user.name', 'Ana');
        write(join(folder, 'src', 'a.txt'), 'a\n');
        write(join(folder, 'docs', 'b.txt'), 'b\n');
        git(folder, 'add', '-A');
        git(folder, 'commit', '-q', '-m', 'Start');
        return folder;
      },
      async open(root) {
        await initProject({ folder: root, explicit: true, home: findHome(environment), environment });
        const box = await createSignalbox({ root, environment });
        boxes.push(box);
        return box;
      },
    };
    try {
      await test(layout);
    } finally {
      for (const box of boxes) await box.close();
    }
  });
}

/** Lets an agent add a file and a line, and expects both to land; gives the ids of what is on the integration branch. */
async function expectWorks(layout: Layout, root: string): Promise<void> {
  const box = await layout.open(root);
  await shellAI(box, 'echo more >> src/a.txt && mkdir -p new && echo n > new/n.txt');
  const { task, verdict } = await execute(box, await add(box, { checks: ['grep -q more src/*.txt'] }));
  expect([task.status, verdict.reasons]).toEqual(['done', []]);
  const changed = layout.git(root, 'diff', '--name-only', 'main', 'signalbox/integration').split('\n');
  expect(changed.map((path) => path.replace(/^.*(?=(?:new|src)\/)/, ''))).toEqual(['new/n.txt', 'src/a.txt']);
  expect(readdirSync(box.store.paths.worktrees)).toEqual([]);
}

describe('a project works where its repository', () => {
  it('has a name with blanks, quotes and other letters', () =>
    withLayout(async (layout) => {
      await expectWorks(layout, layout.repository(`it's a "prüfung" 試験 $HOME %20 [x] #1`));
    }));

  it('has its objects named by SHA-256', () =>
    withLayout(async (layout) => {
      await expectWorks(layout, layout.repository('wide', '--object-format=sha256'));
    }));

  it('is one of several work trees of a bare repository', () =>
    withLayout(async (layout) => {
      const origin = layout.repository('origin');
      const bare = join(layout.place, 'bare', 'repo.git');
      layout.git(layout.place, 'clone', '-q', '--bare', origin, bare);
      const root = join(layout.place, 'bare', 'main');
      layout.git(bare, 'worktree', 'add', '-q', root, 'main');
      expect(findRoot(root)).toBe(root);
      await expectWorks(layout, root);
    }));

  it('is a linked work tree itself, which is named as the root', () =>
    withLayout(async (layout) => {
      const main = layout.repository('main');
      const linked = join(layout.place, 'linked');
      layout.git(main, 'worktree', 'add', '-q', '-b', 'feature', linked);
      await expectWorks(layout, linked);
      expect(layout.git(linked, 'worktree', 'list').split('\n')).toHaveLength(2);
    }));

  it('is a shallow clone', () =>
    withLayout(async (layout) => {
      const origin = layout.repository('origin');
      for (const n of [1, 2, 3]) layout.git(origin, 'commit', '-q', '--allow-empty', '-m', `c${n}`);
      const root = join(layout.place, 'shallow');
      layout.git(layout.place, 'clone', '-q', '--depth=1', `file://${origin}`, root);
      await expectWorks(layout, root);
    }));

  it('has settings for each work tree, and an index in two parts', () =>
    withLayout(async (layout) => {
      const root = layout.repository('settings');
      layout.git(root, 'config', 'extensions.worktreeConfig', 'true');
      layout.git(root, 'config', '--worktree', 'core.autocrlf', 'input');
      layout.git(root, 'config', 'core.splitIndex', 'true');
      layout.git(root, 'update-index', '--split-index');
      await expectWorks(layout, root);
    }));

  it('has no branch checked out', () =>
    withLayout(async (layout) => {
      const root = layout.repository('detached');
      layout.git(root, 'checkout', '-q', '--detach');
      await expectWorks(layout, root);
    }));

  it('holds other repositories that it does not track', () =>
    withLayout(async (layout) => {
      const root = layout.repository('outer');
      layout.repository('outer/inner');
      await expectWorks(layout, root);
      expect(layout.git(join(root, 'inner'), 'status', '--porcelain')).toBe('');
    }));

  it('has another branch checked out whose first commit is still to come', () =>
    withLayout(async (layout) => {
      const root = layout.repository('unborn');
      const box = await layout.open(root);
      layout.git(root, 'checkout', '-q', '--orphan', 'fresh');
      await shellAI(box, 'echo x > b.txt');
      expect((await execute(box, await add(box, { checks: ['true'] }))).task.status).toBe('done');
      expect(layout.git(root, 'symbolic-ref', 'HEAD')).toBe('refs/heads/fresh');
    }));
});

describe('a checkout of which only a part is there', () => {
  it('has the same part in its worktrees; what is absent is no change, what is written elsewhere is one', () =>
    withLayout(async (layout) => {
      const root = layout.repository('sparse');
      layout.git(root, 'sparse-checkout', 'set', 'src');
      const box = await layout.open(root);
      await shellAI(box, 'test ! -e docs && echo more >> src/a.txt && mkdir docs && echo n > docs/new.txt; exit 3');
      const failed = await add(box, { checks: ['true'], maxAttempts: 4 });
      await execute(box, failed);
      writeFileSync(join(box.store.paths.worktrees, failed.id, 'docs', 'late.txt'), 'late\n');
      await execute(box, failed);
      const kept = layout.git(root, 'diff', '--name-status', 'main', `signalbox/${failed.id}/1`).split('\n');
      expect(kept).toEqual(['A\tdocs/late.txt', 'A\tdocs/new.txt', 'M\tsrc/a.txt']);
      await shellAI(box, 'echo more >> src/a.txt; mkdir docs; echo n > docs/new.txt', 'good');
      const { task } = await execute(box, await add(box, { checks: ['grep -q more src/*.txt'], ai: 'good' }));
      expect(task.status).toBe('done');
      const landed = layout.git(root, 'diff', '--name-status', 'main', 'signalbox/integration').split('\n');
      expect(landed).toEqual(['A\tdocs/new.txt', 'M\tsrc/a.txt']);
    }));
});

describe('a project in a subfolder of its repository', () => {
  const setup = (layout: Layout) => {
    const top = layout.repository('mono');
    const root = join(top, 'apps', 'web');
    layout.write(join(root, 'src', 'a.txt'), 'a\n');
    layout.git(top, 'add', '-A');
    layout.git(top, 'commit', '-q', '-m', 'Add web');
    return { top, root };
  };

  it('is worked on in that folder, by names that are relative to it', () =>
    withLayout(async (layout) => {
      const { root } = setup(layout);
      await expectWorks(layout, root);
      expect(layout.git(root, 'show', 'signalbox/integration:apps/web/new/n.txt')).toBe('n');
    }));

  it('keeps its locks, and gets its copies', () =>
    withLayout(async (layout) => {
      const { root } = setup(layout);
      layout.write(join(root, '.env.local'), 'X=1\n');
      layout.write(join(root, '.ai', 'config.yaml'), "version: 1\nbase: main\nworkspace: { copy: ['.env.local'] }\n");
      const box = await layout.open(root);
      const { grantTrust, previewTrust } = await import('../src/index.js');
      grantTrust(box.store.paths, previewTrust(box.store.paths));
      const trusting = await layout.open(root);
      await shellAI(trusting, 'test -e .env.local && echo more >> src/a.txt');
      const locks = [{ glob: 'src/**', mode: 'exclusive' as const }];
      const { task } = await execute(trusting, await add(trusting, { checks: ['test -e .env.local'], locks }));
      expect(task).toMatchObject({ status: 'done', failure: null });
      const landed = layout.git(root, 'diff', '--name-only', 'main', 'signalbox/integration');
      expect(landed).toBe('apps/web/src/a.txt');
    }));

  it('lets nothing land that lies beside it when it has locks', () =>
    withLayout(async (layout) => {
      const { root } = setup(layout);
      const box = await layout.open(root);
      await shellAI(box, 'echo more >> ../../src/a.txt; echo more >> src/a.txt');
      const locks = [{ glob: 'src/**', mode: 'exclusive' as const }];
      const { verdict } = await execute(box, await add(box, { checks: ['true'], locks }));
      expect(verdict.reasons.map(({ code, message }) => `${code} ${message}`).join()).toMatch(
        /OUTSIDE_LOCKS .*\.\.\/\.\.\/src\/a\.txt/,
      );
    }));
});

describe('policy in a project in a subfolder', () => {
  it('sees the names that the project has, and what lies beside it as outside', () =>
    withLayout(async (layout) => {
      const top = layout.repository('mono');
      const root = join(top, 'apps', 'web');
      layout.write(join(root, 'src', 'a.txt'), 'a\n');
      layout.git(top, 'add', '-A');
      layout.git(top, 'commit', '-q', '-m', 'Add web');
      const box = await layout.open(root);
      for (const [id, path] of [
        ['beside', '../../docs/b.txt'],
        ['own', '.ai/policy.yaml'],
      ] as const) {
        await shellAI(box, `mkdir -p .ai; echo x >> ${path}`, id);
        const { verdict } = await execute(box, await add(box, { ai: id, checks: ['true'] }));
        expect([verdict.pass, JSON.stringify(verdict.reasons)]).toEqual([false, expect.stringContaining(path)]);
      }
    }));
});

/** Digests of all files below a folder, but for what is ours or only grows. */
function digests(root: string): Record<string, string> {
  const ours =
    /^(?:\.ai\/state|\.git\/(?:objects|worktrees|packed-refs|(?:logs\/)?refs\/(?:heads\/)?signalbox))(?:\/|$)/;
  const found: Record<string, string> = {};
  const walk = (name: string): void => {
    for (const entry of readdirSync(join(root, name))) {
      const path = name === '' ? entry : `${name}/${entry}`;
      if (ours.test(path)) continue;
      const stats = lstatSync(join(root, path));
      if (stats.isDirectory()) walk(path);
      else {
        const content = stats.isSymbolicLink() ? readlinkSync(join(root, path)) : readFileSync(join(root, path));
        const digest = createHash('sha256').update(content).digest('hex');
        found[path] = `${stats.mode} ${stats.mtimeMs} ${digest}`;
      }
    }
  };
  walk('');
  return found;
}

describe('the checkout of the user', () => {
  it('is the same byte for byte after an execution: files, index, stash, configuration', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo more >> src/a.txt; rm README.md');
      project.write('src/a.txt', 'stashed\n');
      project.git('stash', '-q');
      project.write('src/a.txt', 'staged\n');
      project.git('add', 'src/a.txt');
      project.write('src/a.txt', 'and changed again\n');
      project.write('untracked/file.txt', 'x');
      const before = digests(project.root);
      expect(Object.keys(before)).toEqual(expect.arrayContaining(['.git/index', '.git/refs/stash', '.git/config']));
      const { task } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task.status).toBe('done');
      expect(digests(project.root)).toEqual(before);
      expect(exists(join(project.root, 'README.md'))).toBe(true);
    }));
});
