import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { grantPlugins, previewPlugins, registerAI, type Signalbox } from '../src/index.js';
import { add, execute, type Project, USER, withProject } from './support/bench.js';

const CONNECTOR = `
const capabilities = { approvals: false, resume: false, usage: false, prompts: true };
export default {
  apiVersion: 1, id: 'mine', kind: 'cli', summary: 'Mine', capabilities, environmentNames: [],
  configSchema: { type: 'object', additionalProperties: false },
  probe: async () => ({ installed: true, login: 'not-needed', capabilities, problems: [] }),
  async *run() {
    yield { type: 'started' };
    yield { type: 'result', failure: null, exitCode: 0, usage: {}, summary: 'It is fine.' };
  },
};`;

const manifest = (more: object = {}) => ({
  ...{ name: 'mine', version: '1.2.3', type: 'module' },
  signalbox: { apiVersion: 1, connectors: ['./index.js'] },
  ...more,
});

/** A package in the project's `node_modules`, and the project's agreement to a configuration that names it. */
function place(
  project: Project,
  how: { manifest?: object; code?: string; entry?: string; folder?: string } = {},
): void {
  const folder = how.folder ?? join(project.root, 'node_modules/mine');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify(how.manifest ?? manifest()));
  writeFileSync(join(folder, 'index.js'), how.code ?? CONNECTOR);
  project.write('.ai/config.yaml', `version: 1\nbase: main\nplugins: [${how.entry ?? 'mine'}]\n`);
  project.trust();
}

const agree = ({ store, config }: Signalbox) => grantPlugins(store.paths, previewPlugins(store.paths, config.plugins));

async function problemsOf(project: Project): Promise<string[]> {
  const box = await project.open();
  agree(box);
  return (await box.executor.connectors.list()).problems;
}

describe('a connector that comes as a plugin', () => {
  it('is loaded once it is agreed to, by a recorded decision, and does tasks', () =>
    withProject({}, async (project) => {
      place(project);
      const before = await project.open();
      await expect(registerAI(before.executor, USER, { id: 'm', connector: 'mine' })).rejects.toMatchObject({
        code: 'UNKNOWN_CONNECTOR',
        message: expect.stringContaining('nobody has agreed to it as it is now'),
      });
      expect(previewPlugins(before.store.paths, ['mine'])).toMatchObject([
        { name: 'mine', version: '1.2.3', before: null },
      ]);
      agree(before);

      const box = await project.open();
      await registerAI(box.executor, USER, { id: 'm', connector: 'mine' });
      expect((await execute(box, await add(box, { type: 'review' }))).task.status).toBe('done');
      const decisions = box.ledger.read({ kind: 'policy.decided' }).map(({ data }) => data);
      const loads = decisions.filter(({ request }) => JSON.stringify(request).includes('connector.load'));
      expect(loads).toHaveLength(1);
      expect(JSON.stringify(loads[0])).toContain('mine@1.2.3');
    }));

  it('is loaded no more once anything of it has changed', () =>
    withProject({}, async (project) => {
      place(project);
      agree(await project.open());
      writeFileSync(join(project.root, 'node_modules/mine/helper.js'), 'export {};');
      const { problems } = await (await project.open()).executor.connectors.list();
      expect(problems).toEqual([expect.stringContaining('nobody has agreed to it as it is now')]);
    }));

  it('is not even looked for while the configuration that names it is not agreed to', () =>
    withProject({}, async (project) => {
      place(project);
      project.write('.ai/config.yaml', 'version: 1\nbase: main\nplugins: [mine, other]\n');
      const box = await project.open();
      expect(box.config.plugins).toEqual([]);
      expect((await box.executor.connectors.list()).problems).toEqual([]);
    }));

  it('is not loaded where policy denies it', () =>
    withProject({}, async (project) => {
      const rule = '  - { id: no-plugins, effect: deny, on: [connector.load], reason: None here }\n';
      project.write('.ai/policy.yaml', project.read('.ai/policy.yaml').replace('rules:\n', `rules:\n${rule}`));
      place(project);
      expect(await problemsOf(project)).toEqual([expect.stringContaining('None here')]);
    }));

  it.each<[string, Parameters<typeof place>[1], string]>([
    [
      'is of another version',
      { manifest: manifest({ signalbox: { apiVersion: 2, connectors: ['./index.js'] } }) },
      'apiVersion',
    ],
    ['says nothing of Signalbox', { manifest: { name: 'mine', version: '1.0.0' } }, 'no plugin for this version'],
    [
      'names a file outside of it',
      { manifest: manifest({ signalbox: { apiVersion: 1, connectors: ['../x.js'] } }) },
      'not among its files',
    ],
    [
      'names a file that is not there',
      { manifest: manifest({ signalbox: { apiVersion: 1, connectors: ['./y.js'] } }) },
      'not among its files',
    ],
    ['is not there', { entry: 'nobody' }, 'is not installed'],
    ['exports something else', { code: 'export default { apiVersion: 1, id: "Mine" };' }, 'exports no connector'],
    ['throws when it is loaded', { code: 'throw new Error("not today");' }, 'not today'],
    [
      'takes the id of one that is there',
      { code: CONNECTOR.replace("id: 'mine'", "id: 'codex'") },
      'which there is already',
    ],
  ])('is told why it is not used when it %s', (_name, how, told) =>
    withProject({}, async (project) => {
      place(project, how);
      expect((await problemsOf(project)).join()).toContain(told);
    }),
  );

  it('is not loaded when a link of it leads elsewhere, where things could change unseen', () =>
    withProject({}, async (project) => {
      place(project);
      writeFileSync(join(project.place, 'elsewhere.js'), CONNECTOR);
      symlinkSync(join(project.place, 'elsewhere.js'), join(project.root, 'node_modules/mine/more.js'));
      expect(await problemsOf(project)).toEqual([expect.stringContaining('its link more.js leads out of it')]);
    }));

  it('is loaded no more once something has changed in a node_modules of its own', () =>
    withProject({}, async (project) => {
      const inner = join(project.root, 'node_modules/mine/node_modules/inner');
      mkdirSync(inner, { recursive: true });
      writeFileSync(join(inner, 'conn.js'), CONNECTOR);
      place(project, {
        manifest: manifest({ signalbox: { apiVersion: 1, connectors: ['./node_modules/inner/conn.js'] } }),
      });
      agree(await project.open());
      writeFileSync(join(inner, 'conn.js'), `${CONNECTOR}// changed`);
      const { problems } = await (await project.open()).executor.connectors.list();
      expect(problems).toEqual([expect.stringContaining('nobody has agreed to it as it is now')]);
    }));

  it('may be a folder of the project, or a link to one', () =>
    withProject({}, async (project) => {
      const folder = join(project.root, 'tools/mine');
      place(project, { folder, entry: './tools/mine' });
      expect(await problemsOf(project)).toEqual([]);
      mkdirSync(join(project.root, 'node_modules'), { recursive: true });
      symlinkSync(folder, join(project.root, 'node_modules/linked'));
      place(project, { folder, entry: 'linked' });
      expect(await problemsOf(project)).toEqual([]);
    }));
});
