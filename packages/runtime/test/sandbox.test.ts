import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findCandidateProblem } from '../src/executor/route.js';
import { explainDecision, planExecution, registerAI } from '../src/index.js';
import { openAttemptSandbox } from '../src/sandbox/attempt-sandbox.js';
import { openInPlace } from '../src/workspace/in-place.js';
import { add, execute, type Project, shellAI, USER, withProject } from './support/bench.js';
import {
  addRules,
  claudeInSight,
  demandSandbox,
  outcomesOf,
  whySkipped,
  withBrokenBubblewrap,
} from './support/sandbox.js';

const HELD_LINE =
  '{ id: held, effect: allow, on: [shell.run], command: { argv: [touch, "..."] }, obligations: [ { sandbox: workspace-write } ] }';
const line = (shell: string) => ({ type: 'command' as const, run: { shell } });

describe('where bubblewrap does not work', () => {
  const open = (project: Project) => project.open({ environment: withBrokenBubblewrap(project) });

  it('no attempt begins in a project that demands a sandbox, and it says how to have one', () =>
    withProject({}, async (project) => {
      demandSandbox(project);
      const box = await open(project);
      await shellAI(box, 'touch ran');
      const task = await add(box, line(`touch ${project.place}/ran`));
      await expect(execute(box, task)).rejects.toMatchObject({
        code: 'NO_CANDIDATE',
        message: expect.stringMatching(
          /the project demands a sandbox, and bubblewrap does not start here .*user namespaces/,
        ),
      });
      expect(existsSync(join(project.place, 'ran'))).toBe(false);
      expect(await box.tasks.get(task.id)).toMatchObject({ status: 'queued' });
      const problem = await findCandidateProblem(box.executor, task, { pin: null });
      expect(problem?.message).toContain('demands a sandbox');
      const scope = {
        ai: await box.store.ais.get('sh'),
        workspace: await openInPlace(project.root, project.environment),
      };
      const connector = await box.executor.connectors.find('command');
      if (!connector) throw new Error('there is always one');
      await expect(openAttemptSandbox(box.executor, { ...scope, connector })).rejects.toMatchObject({
        code: 'NO_CANDIDATE',
      });
    }));

  it('a demand counts that nobody has agreed to, and goes on counting when it is taken back', () =>
    withProject({}, async (project) => {
      const config = project.read('.ai/config.yaml');
      project.write('.ai/config.yaml', `${config}\nsandbox: { mode: workspace-write }\n`);
      const untrusted = await open(project);
      await shellAI(untrusted, 'true');
      await expect(execute(untrusted, await add(untrusted))).rejects.toMatchObject({ code: 'NO_CANDIDATE' });
      project.trust();
      project.write('.ai/config.yaml', `${config}\nsandbox: { mode: none, writable: ["~/x"], network: true }\n`);
      const box = await project.open();
      expect(box.config.sandbox).toEqual({ mode: 'workspace-write', writable: [], network: true });
    }));

  it('what a rule obliges to it is denied, and the rest runs', () =>
    withProject({}, async (project) => {
      addRules(project, HELD_LINE);
      const box = await open(project);
      await shellAI(box, 'true');
      const { task } = await execute(box, await add(box, line('touch x')));
      expect(task).toMatchObject({
        status: 'blocked',
        blockedBy: [{ reason: expect.stringContaining('there is none') }],
      });
      const { task: other } = await execute(box, await add(box, line('echo fine')));
      expect(other.status).toBe('done');
      expect(outcomesOf(box, other.id)).toContainEqual({ action: 'shell.run', decision: 'allow', sandbox: 'none' });
    }));

  it('the setting of a policy counts as a demand; one that is read-only cannot be had', () =>
    withProject({}, async (project) => {
      const policy = project.read('.ai/policy.yaml');
      for (const [mode, why] of [
        ['workspace-write', 'the setting "sandbox" of the project policy demands a sandbox, and'],
        ['read-only', 'demands a sandbox that is read-only'],
      ] as const) {
        project.write('.ai/policy.yaml', policy.replace('settings:\n', `settings:\n  sandbox: { value: ${mode} }\n`));
        project.trust();
        const box = await open(project);
        if ((await box.store.ais.list()).length === 0) await shellAI(box, 'true');
        await expect(execute(box, await add(box))).rejects.toMatchObject({ message: expect.stringContaining(why) });
      }
    }));
});

if (whySkipped !== null) {
  console.log(`No sandbox works here (${whySkipped}): attempts in it are not tested.`);
  describe('an attempt in a sandbox', () => {
    it('is not tested here', () => expect(whySkipped).not.toBeNull());
  });
} else {
  describe('an attempt in a sandbox', () => {
    const FORCE = 'test ! -e "$OUT/.ai/state/signalbox.db"';

    it('is held in all its parts, and its record says so', () =>
      withProject({}, async (project) => {
        const seen = FORCE.replace('$OUT', project.root);
        demandSandbox(project);
        const config = project.read('.ai/config.yaml').replace(/workspace:\n( .*\n)+/, '');
        project.write('.ai/config.yaml', `${config}workspace: { setup: ['${seen}'] }\n`);
        project.trust();
        const box = await project.open();
        await shellAI(box, 'true');
        const { task } = await execute(box, await add(box, { ...line(`${seen} && touch made.txt`), checks: [seen] }));
        expect(task.status).toBe('done');
        const outcomes = outcomesOf(box, task.id);
        expect(outcomes.length).toBeGreaterThan(3);
        expect([...new Set(outcomes.map(({ sandbox }) => sandbox))]).toEqual(['workspace-write']);
      }));

    it('is not held where nobody demands it, and its record says that too', () =>
      withProject({}, async (project) => {
        const box = await project.open();
        await shellAI(box, 'true');
        const seen = `cat ${project.root}/.ai/state/keys/ledger.pem`;
        const { task } = await execute(box, await add(box, line(seen)));
        expect(task.status).toBe('done');
        expect(outcomesOf(box, task.id)).toContainEqual({ action: 'shell.run', decision: 'allow', sandbox: 'none' });
      }));

    it('meets the obligations of rules, before it begins and in it', () =>
      withProject({}, async (project) => {
        const execution =
          '{ id: held-execution, effect: allow, on: [task.execute, task.complete, task.land], obligations: [ { sandbox: workspace-write } ] }';
        addRules(project, HELD_LINE, execution);
        const box = await project.open();
        await shellAI(box, 'true');
        const task = await add(box, line('touch x'));
        expect(await planExecution(box.executor, { actor: USER, task: task.id })).toMatchObject({ decision: 'allow' });
        const explained = await explainDecision(
          { executor: box.executor, actor: USER },
          { action: 'shell.run', parts: { command: 'touch x' }, extra: {}, headless: true },
        );
        expect(explained.obligations).toMatchObject([{ kind: 'sandbox', state: 'met' }]);
        const { task: after } = await execute(box, task);
        expect(after.status).toBe('done');
      }));

    it('holds an agent that asks: what policy allows, the file system refuses', () =>
      withProject({}, async (project) => {
        const rule =
          '{ id: any, effect: allow, on: [shell.run, file.write], obligations: [ { sandbox: workspace-write } ] }';
        project.write('.ai/policy.yaml', `version: 1\nscope: project\ndefault: allow\nrules: [ ${rule} ]\n`);
        project.trust();
        const box = await project.open();
        const out = join(project.root, 'outside.txt');
        await claudeInSight(project, box, [
          {
            tools: [
              { name: 'Bash', input: { command: `touch ${out} || touch refused.txt` } },
              { name: 'Write', input: { file_path: 'src/b.txt', content: 'b\n' } },
            ],
          },
          { text: 'done' },
        ]);
        const { task, steps } = await execute(box, await add(box, { checks: ['true'] }), { ai: 'claude' });
        expect([task.status, steps.filter(({ step }) => step === 'refused')]).toEqual(['done', []]);
        expect(existsSync(out)).toBe(false);
        const landed = project.git('ls-tree', '-r', '--name-only', 'signalbox/integration');
        expect(landed).toContain('refused.txt');
        expect(landed).toContain('src/b.txt');
        expect(outcomesOf(box, task.id)).toContainEqual({
          ...{ action: 'file.write', decision: 'allow', sandbox: 'workspace-write' },
        });
      }));

    it('is told so, and is not offered what it cannot use', () =>
      withProject({}, async (project) => {
        demandSandbox(project);
        const box = await project.open();
        box.executor.cli = ['signalbox'];
        await shellAI(box, 'cat > prompt.txt; command -v signalbox > cli.txt || true');
        const { task } = await execute(box, await add(box, { checks: ['true'], locks: [{ glob: '*.txt' }] }));
        expect(task.status).toBe('done');
        const prompt = project.git('show', 'signalbox/integration:prompt.txt');
        expect(prompt).toContain('You are in a sandbox');
        expect(prompt).not.toContain('task lock add');
        expect(project.git('show', 'signalbox/integration:cli.txt')).toBe('');
      }));

    it('may write where the project lets it, and nowhere near what is kept from it', () =>
      withProject({}, async (project) => {
        for (const name of ['cache-a', 'cache-b', 'other']) mkdirSync(join(project.place, name));
        const writable = ', writable: ["~/cache-*", "~/none"]';
        demandSandbox(project, writable);
        const box = await project.open();
        await shellAI(box, 'true');
        const { task } = await execute(box, await add(box, line('touch ~/cache-a/x ~/cache-b/x; ! touch ~/other/x')));
        expect(task.status).toBe('done');
        expect(existsSync(join(project.place, 'cache-b/x'))).toBe(true);
        const config = project.read('.ai/config.yaml');
        for (const bad of [project.root, '/', project.environment['SIGNALBOX_HOME'], `${project.root}/.git/hooks`]) {
          project.write('.ai/config.yaml', config.replace('"~/none"', JSON.stringify(bad)));
          project.trust();
          const other = await project.open();
          await expect(execute(other, await add(other, line('true')))).rejects.toMatchObject({
            code: 'CONFIG_INVALID',
            message: expect.stringContaining('kept from them'),
          });
        }
      }));

    it('has no network for its lines where the project says so', () =>
      withProject({}, async (project) => {
        demandSandbox(project, ', network: false');
        const box = await project.open();
        const interfaces = 'test "$(ls /sys/class/net | wc -l)" -ge 0; test "$(tail -n +3 /proc/net/dev | wc -l)" = 1';
        await shellAI(box, 'tail -n +3 /proc/net/dev | wc -l > count.txt');
        const { task } = await execute(box, await add(box, { ...line(interfaces), checks: [interfaces] }));
        expect(task.status).toBe('done');
      }));

    it('leaves an agent outside whose own sandbox would not work in there, and says what holds it', () =>
      withProject({}, async (project) => {
        demandSandbox(project);
        const box = await project.open();
        await shellAI(box, 'true');
        const ai = await box.store.ais.get('sh');
        const known = await box.executor.connectors.find('command');
        if (!known) throw new Error('there is always one');
        const workspace = await openInPlace(project.root, project.environment);
        for (const [sandbox, nests, expected] of [
          ['read-only', true, ['read-only', true]],
          ['read-only', false, ['read-only', false]],
          ['workspace-write', false, ['workspace-write', false]],
        ] as const) {
          const probe = await box.executor.sandbox.probe();
          box.executor.sandbox.probe = async () => (probe.works ? { ...probe, nests } : probe);
          box.executor.probes.clear();
          const connector = {
            ...known,
            probe: async (context: Parameters<typeof known.probe>[0]) => ({ ...(await known.probe(context)), sandbox }),
          };
          const held = await openAttemptSandbox(box.executor, { ai, connector, workspace });
          expect([held.agent, held.holdsAgent]).toEqual(expected);
          expect(held.commands).toBe('workspace-write');
          expect(held.forAgent([], false) === box.executor.processes).toBe(!nests);
        }
      }));

    it('lets an agent write to the folder that its configuration names', () =>
      withProject({}, async (project) => {
        demandSandbox(project);
        const box = await project.open();
        const configDir = join(project.place, 'signalbox/trusted');
        mkdirSync(configDir, { recursive: true });
        await registerAI(box.executor, USER, { id: 'codex', connector: 'codex', config: { configDir } });
        const connector = await box.executor.connectors.find('codex');
        if (!connector) throw new Error('there is always one');
        const workspace = await openInPlace(project.root, project.environment);
        const opening = openAttemptSandbox(box.executor, {
          ai: await box.store.ais.get('codex'),
          connector,
          workspace,
        });
        await expect(opening).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
      }));
  });
}
