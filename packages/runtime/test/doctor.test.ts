import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { createFakeClock } from '@signalbox/testkit';
import { builtinConnectors, examine } from '../src/index.js';
import { findHome, projectPaths } from '../src/project/index.js';
import { add, type Project, shellAI, withProject } from './support/bench.js';
import { demandSandbox, whySkipped, withBrokenBubblewrap } from './support/sandbox.js';

describe('the doctor', () => {
  const visit = (project: Project, more = {}) =>
    examine({
      folder: project.root,
      paths: projectPaths(project.root, findHome(project.environment)),
      environment: project.environment,
      clock: createFakeClock(),
      connectors: builtinConnectors,
      ...more,
    });
  const states = (findings: Awaited<ReturnType<typeof visit>>) =>
    Object.fromEntries(findings.map(({ name, state }) => [name, state]));

  it('finds a healthy project healthy', () =>
    withProject({}, async (project) => {
      const findings = await visit(project);
      expect(states(findings)).toMatchObject({
        node: 'good',
        git: 'good',
        sqlite: 'good',
        store: 'good',
        config: 'good',
        policy: 'good',
        sandbox: whySkipped === null ? 'good' : 'warn',
      });
      expect(findings.map((finding) => finding.name)).toEqual([
        ...[
          'node',
          'git',
          'sqlite',
          'store',
          'key',
          'config',
          'policy',
          'claude-code',
          'codex',
          'acp',
          'sandbox',
          'disk',
        ],
      ]);
    }));

  it('says of a base that is no branch that nothing can start from it', () =>
    withProject({}, async (project) => {
      const base = async () => (await visit(project)).filter(({ name }) => name === 'base');
      expect(await base()).toEqual([]);
      project.write('.ai/config.yaml', 'version: 1\nbase: nowhere\n');
      project.trust();
      expect(await base()).toMatchObject([
        { state: 'bad', text: expect.stringContaining('no branch is called "nowhere"') },
      ]);
    }));

  it('names each filter of .gitattributes that is not run in worktrees, and what to do', () =>
    withProject({}, async (project) => {
      const filters = async () => (await visit(project)).filter(({ name }) => name === 'filters');
      expect(await filters()).toEqual([]);
      project.write('.gitattributes', '# *.x filter=old\n[attr]big filter=lfs -text\n*.bin big\n*.up filter=up\n');
      project.write('src/.gitattributes', '*.t filter=tab\n*.s filter=sort\n*.r filter=rel\n');
      project.git('config', 'filter.up.clean', './up.sh');
      project.git('config', 'filter.tab.clean', 'no-such-program --clean');
      project.git('config', 'filter.sort.smudge', 'sort');
      project.git('config', 'filter.rel.clean', 'python3 -c x');
      const found = await filters();
      expect(found.map(({ state, text }) => [state, /"(\w+)".*not run: ([^;]*)/.exec(text)?.slice(1)])).toEqual([
        ['warn', ['lfs', 'git has no program for it']],
        ['warn', ['rel', 'its line "python3 -c x" has a program that runs others (python3)']],
        ['warn', ['tab', 'its line "no-such-program --clean" has a program that is not installed (no-such-program)']],
        ['warn', ['up', 'its line "./up.sh" names its program by a relative path']],
      ]);
      expect(found[0]?.hint).toContain('git lfs install');
      expect(found[3]?.hint).toContain('filter.up.*');
    }));

  it('tries a sandbox out, and says how to have one', () =>
    withProject({}, async (project) => {
      const sandboxIn = async (environment: NodeJS.ProcessEnv) =>
        (await visit(project, { environment })).find(({ name }) => name === 'sandbox');
      const broken = withBrokenBubblewrap(project);
      expect(await sandboxIn(broken)).toMatchObject({
        state: 'warn',
        text: expect.stringContaining('a rule that demands one denies'),
        hint: expect.stringContaining('user namespaces'),
      });
      demandSandbox(project);
      expect(await sandboxIn(broken)).toMatchObject({
        state: 'bad',
        text: expect.stringContaining('the project demands one: no attempt begins'),
      });
      if (whySkipped === null) expect(await sandboxIn(project.environment)).toMatchObject({ state: 'good' });
    }));

  it('tells what is missing outside of a project, outside of git, and without git', () =>
    withProject({ git: false, init: false }, async (project) => {
      expect(states(await visit(project, { paths: null }))).toMatchObject({ git: 'warn', project: 'warn' });
      const environment = { PATH: project.place };
      expect(states(await visit(project, { environment, paths: null }))).toMatchObject({ git: 'bad' });
      writeFileSync(join(project.place, 'git'), '#!/bin/sh\necho git version 2.30.1\n', { mode: 0o755 });
      const old = await visit(project, { environment: { PATH: `${project.place}:/bin` }, paths: null });
      expect(old.find((finding) => finding.name === 'git')).toMatchObject({ state: 'bad', text: '2.30.1' });
    }));

  it('tells where a configuration or policy file is broken, and which nobody has agreed to', () =>
    withProject({}, async (project) => {
      const [config, policy] = [project.read('.ai/config.yaml'), project.read('.ai/policy.yaml')];
      const files = async () => (await visit(project)).filter(({ name }) => name === 'config' || name === 'policy');
      project.write('.ai/config.yaml', `${config}odd: 1\n`);
      project.write('.ai/policy.yaml', 'version: 1\nscope: project\nrules: [ { id: x, effect: perhaps } ]\n');
      expect(await files()).toMatchObject([
        { name: 'config', state: 'bad', text: expect.stringMatching(/\.ai\/config\.yaml:\d+:\d+/) },
        { name: 'policy', state: 'bad', text: expect.stringMatching(/\.ai\/policy\.yaml:3:\d+/) },
      ]);
      project.write('.ai/config.yaml', `${config}# more\n`);
      project.write('.ai/policy.yaml', `${policy}# more\n`);
      expect(await files()).toMatchObject([
        { state: 'warn' },
        { state: 'warn', text: expect.stringMatching(/trusted/) },
      ]);
      project.trust();
      project.write('.ai/policy/sh.yaml', 'version: 1\nscope: ai\nrules: 7\n');
      expect(await files()).toMatchObject([
        { state: 'good' },
        { state: 'bad', text: expect.stringContaining('.ai/policy/sh.yaml:3:') },
      ]);
    }));

  it('tells of budgets for AIs that nobody has registered', () =>
    withProject({}, async (project) => {
      const budgets = 'budgets: { ais: { sh: { time: 1h }, claud: { usd: 1 } } }';
      project.write('.ai/config.yaml', `${project.read('.ai/config.yaml')}${budgets}\n`);
      project.trust();
      const box = await project.open();
      await shellAI(box, 'true');
      const told = async () => (await visit(project)).filter(({ name }) => name === 'budgets');
      expect(await told()).toMatchObject([{ state: 'warn', text: expect.stringContaining('names claud, and') }]);
      await shellAI(box, 'true', 'claud');
      expect(await told()).toEqual([]);
    }));

  it('tells of a store that does not open, and of a clock behind the ledger', () =>
    withProject({}, async (project) => {
      const clock = createFakeClock();
      clock.jump(3_600_000);
      const box = await project.open({ clock });
      await add(box);
      await box.close();
      expect(states(await visit(project))).toMatchObject({ clock: 'warn' });
      for (const end of ['-wal', '-shm']) rmSync(join(project.root, `.ai/state/signalbox.db${end}`), { force: true });
      project.write('.ai/state/signalbox.db', 'this is no database'.repeat(100));
      expect(states(await visit(project))).toMatchObject({ store: 'bad' });
    }));

  it('tells which agents are there and logged in', () =>
    withProject({}, async (project) => {
      writeFileSync(join(project.place, 'claude'), '#!/bin/sh\necho 2.1.197\n', { mode: 0o755 });
      const environment = { ...project.environment, PATH: `${project.place}:${project.environment['PATH']}` };
      const agent = async (more: object) =>
        (await visit(project, { environment: { ...environment, ...more } })).find(({ name }) => name === 'claude-code');
      expect(await agent({})).toMatchObject({ state: 'warn', text: '2.1.197, not logged in' });
      expect(await agent({ ANTHROPIC_API_KEY: 'k' })).toMatchObject({ state: 'good' });
    }));
});
