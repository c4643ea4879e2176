import { mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openBlobStore, readTrace } from '@signalbox/audit';
import { verifyReceipt } from '@signalbox/audit/attest';
import type { Connector } from '@signalbox/connectors';
import type { JsonObject } from '@signalbox/kernel';
import type { Signalbox } from '../src/index.js';
import {
  checkReceipt,
  exportReceipt,
  parseVerifiers,
  projectKeys,
  registerAI,
  removeEvidence,
  verifyEvidence,
} from '../src/index.js';
import { add, execute, kinds, scriptedClaude, shellAI, USER, withProject } from './support/bench.js';

async function traceOf(box: Signalbox, attempt: string): Promise<JsonObject[]> {
  const records: JsonObject[] = [];
  for await (const record of readTrace(box.store.paths.traces, attempt)) records.push(record);
  return records;
}
const ofType = (records: JsonObject[], type: string): JsonObject[] =>
  records.filter((record) => record['type'] === type);

describe('the trace of an attempt', () => {
  it('holds the prompt, the environment by name, the versions, all that was said, checks and times', () =>
    withProject({}, async (project) => {
      project.environment['HTTP_PROXY'] = 'http://proxy.example:3128';
      const box = await project.open();
      await shellAI(box, 'echo out; echo err >&2; echo x > b.txt');
      const { attempt } = await execute(box, await add(box, { checks: ['echo checked'] }));
      const records = await traceOf(box, attempt.id);
      expect(ofType(records, 'prompt')).toMatchObject([{ text: expect.stringContaining('# Do it') }]);
      expect(ofType(records, 'environment')).toMatchObject([{ names: expect.arrayContaining(['HTTP_PROXY', 'PATH']) }]);
      expect(JSON.stringify(records)).not.toContain('proxy.example');
      const versions = { node: process.versions.node, git: expect.stringMatching(/^2\./), command: expect.any(String) };
      expect(ofType(records, 'versions')).toMatchObject([{ versions }]);
      expect(ofType(records, 'raw')).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ stream: 'stdout', text: 'out' }),
          expect.objectContaining({ stream: 'stderr', text: 'err' }),
        ]),
      );
      const events = ofType(records, 'event').map(({ parsed }) => (parsed as JsonObject)['type']);
      expect(events).toEqual(expect.arrayContaining(['started', 'text', 'result']));
      expect(ofType(records, 'command')).toMatchObject([{ purpose: 'check', command: 'echo checked', exitCode: 0 }]);
      expect(ofType(records, 'timing').map(({ what }) => what)).toEqual(['workspace', 'agent', 'attempt']);
    }));

  it('holds every permission that was asked, and its answer', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await scriptedClaude(project, box, [
        {
          tools: [
            { name: 'Read', input: { file_path: '{{cwd}}/README.md' } },
            { name: 'Read', input: { file_path: '{{cwd}}/.env' } },
          ],
        },
        { text: 'read' },
      ]);
      const { attempt } = await execute(box, await add(box, { type: 'review' }));
      const records = await traceOf(box, attempt.id);
      const asked = ofType(records, 'permission.asked');
      const answered = ofType(records, 'permission.answered');
      expect(asked.map(({ id }) => id)).toEqual(['ask_1', 'ask_2']);
      expect(asked[1]?.['request']).toMatchObject({ action: 'file.read', path: expect.stringContaining('.env') });
      expect(answered.map(({ answer }) => (answer as JsonObject)['allow'])).toEqual([true, false]);
      expect(ofType(records, 'raw').map(({ stream }) => stream)).toEqual(expect.arrayContaining(['stdin', 'stdout']));
    }));

  it('that cannot be written is said, and changes nothing about the attempt', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, 'echo x > b.txt');
      const { traces } = box.store.paths;
      mkdirSync(traces, { recursive: true });
      symlinkSync('/dev/full', join(traces, 'att_full.jsonl'));
      const store = { ...box.store, ids: () => 'att_full' };
      const full = { ...box, executor: { ...box.executor, store } };
      const { task, steps } = await execute(full, await add(box, { checks: ['true'] }));
      expect(task.status).toBe('done');
      expect(steps.map(({ text }) => text).join('\n')).toContain('could not be written to the end');
    }));
});

describe('the evidence of a change', () => {
  it('names what was renamed, what is binary, what became executable, what is new', () =>
    withProject({ files: { 'src/a.txt': 'one\ntwo\nthree\n', 'run.sh': 'true\n' } }, async (project) => {
      const box = await project.open();
      const script =
        "git mv src/a.txt src/z.txt; printf '\\000\\001\\377' > logo.png; chmod +x run.sh; echo n > new.txt";
      await shellAI(box, script.replace('git mv', 'mv'));
      const { evidence, task } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task.status).toBe('done');
      const diff = evidence.find(({ kind }) => kind === 'diff');
      expect(diff).toMatchObject({ grade: 'observed', producer: 'signalbox/git-diff', summary: { files: 4 } });
      expect(diff?.summary['changes']).toEqual([
        { path: 'logo.png', status: 'added', binary: true },
        { path: 'new.txt', status: 'added', additions: 1, deletions: 0 },
        { path: 'run.sh', status: 'modified', oldMode: '100644', newMode: '100755', additions: 0, deletions: 0 },
        { path: 'src/z.txt', status: 'renamed', from: 'src/a.txt', additions: 0, deletions: 0 },
      ]);
      const patch = await box.executor.blobs.get(diff?.digest ?? 'sha256:');
      writeFileSync(join(project.place, 'change.patch'), patch);
      project.git('apply', '--check', join(project.place, 'change.patch'));
    }));

  it('is shown whatever attributes the agent gives its files', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, "echo '*.txt -diff' > .gitattributes; echo visible > b.txt");
      const { evidence } = await execute(box, await add(box, { checks: ['true'] }));
      const diff = evidence.find(({ kind }) => kind === 'diff');
      expect((await box.executor.blobs.get(diff?.digest ?? 'sha256:')).toString()).toContain('+visible');
    }));

  it('outside of git is the list of what differs, by which locks and policy are held', () =>
    withProject({ git: false }, async (project) => {
      project.write('src/old.txt', 'moved\n');
      const box = await project.open();
      await shellAI(box, 'mv src/old.txt src/new.txt; mkdir node_modules; echo x > node_modules/y; echo x > README.md');
      const locks = [{ glob: 'src/**' }];
      const { evidence, verdict } = await execute(box, await add(box, { checks: ['true'], locks }));
      const diff = evidence.find(({ kind }) => kind === 'diff');
      expect(diff?.summary).toMatchObject({ files: 2, applicable: false });
      expect(diff?.summary['changes']).toEqual([
        { path: 'README.md', status: 'modified' },
        { path: 'src/new.txt', status: 'renamed', from: 'src/old.txt' },
      ]);
      expect(verdict.reasons.map(({ code }) => code)).toEqual(['OUTSIDE_LOCKS', 'PATH_DENIED']);
    }));

  it('outside of git is missing when nothing was changed, and that is no work', () =>
    withProject({ git: false }, async (project) => {
      const box = await project.open();
      await shellAI(box, 'true');
      const { verdict } = await execute(box, await add(box, { checks: ['true'] }));
      expect(verdict.reasons.map(({ code }) => code)).toEqual(['NO_CHANGE']);
    }));
});

describe('evidence that is hard to get', () => {
  it('is kept of output of which the start was dropped, but for what may be half a secret', () =>
    withProject({}, async (project) => {
      const token = ['ghp_', 'aB3dE6gH9jK2mN5pQ8sT', 'vW1yZ4bC7eF0hJ3l'].join('');
      writeFileSync(join(project.place, 'token'), token);
      const box = await project.open();
      await shellAI(box, 'echo x > b.txt');
      const flood = `cat ${project.place}/token; head -c ${10 * 1024 * 1024 - 15} /dev/zero | tr '\\0' a; echo; echo end`;
      const { task, evidence } = await execute(box, await add(box, { checks: [flood] }));
      expect(task.status).toBe('done');
      const command = evidence.find(({ kind }) => kind === 'command');
      expect((await box.executor.blobs.get(command?.digest ?? 'sha256:')).toString()).toBe('end\n');
      expect(command?.summary['droppedBytes']).toBeGreaterThan(10_000_000);
    }));

  it('is named and not kept of a change that is too large', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      await shellAI(box, "head -c 34000000 /dev/zero | tr '\\0' a > b.txt");
      const { evidence } = await execute(box, await add(box, { checks: ['true'] }));
      const diff = evidence.find(({ kind }) => kind === 'diff');
      expect(diff).toMatchObject({
        size: expect.any(Number),
        summary: { tooLarge: true, applicable: false, files: 1 },
      });
      expect(diff?.size).toBeLessThan(100);
    }));

  it('is left out of a folder that cannot be looked at, which is said', () =>
    withProject({ git: false }, async (project) => {
      const box = await project.open();
      mkdirSync(join(project.root, 'd/'.repeat(201)), { recursive: true });
      await shellAI(box, 'echo x > b.txt');
      const { task, steps, evidence } = await execute(box, await add(box, { checks: ['true'] }));
      expect(task.status).toBe('done');
      expect(steps.map(({ text }) => text).join('\n')).toContain('Changes are not looked at');
      expect(evidence.map(({ kind }) => kind)).toEqual(['command']);
    }));

  it('is not made of what an agent miscounts, and its session is redacted', () =>
    withProject({}, async (project) => {
      project.environment['MY_SERVICE_PASSWORD'] = 'regen-tonne-17';
      const box = await project.open();
      const capabilities = { approvals: false, resume: false, usage: true, prompts: true };
      const odd: Connector = {
        ...{ apiVersion: 1, id: 'odd', kind: 'cli', summary: 'Miscounts', configSchema: { type: 'object' } },
        ...{ capabilities, environmentNames: [] },
        probe: async () => ({ installed: true, login: 'not-needed', capabilities, problems: [] }),
        async *run() {
          const session = 'session-regen-tonne-17';
          yield { type: 'waiting', reason: 'regen-tonne-17' };
          yield {
            type: 'result',
            failure: null,
            exitCode: 0,
            usage: { turns: -1 },
            session,
            summary: 'It looks fine.',
          };
        },
      };
      const executor = { ...box.executor, connectors: { ...box.executor.connectors, find: async () => odd } };
      await registerAI(executor, USER, { id: 'odd', connector: 'odd' });
      const { task, evidence, attempt, steps } = await execute(
        { ...box, executor },
        await add(box, { type: 'review' }),
      );
      expect(task.status).toBe('done');
      expect(evidence.map(({ kind }) => kind)).toEqual(['artefact']);
      expect(ofType(await traceOf(box, attempt.id), 'note')).toMatchObject([
        { text: expect.stringContaining('usage') },
      ]);
      const [kept] = await box.tasks.attempts(task.id);
      expect(kept?.data['session']).toMatch(/^session-\[redacted:/);
      expect(JSON.stringify(steps)).not.toContain('regen-tonne-17');
    }));
});

describe('what proves a task', () => {
  const done = async (box: Signalbox) => {
    await shellAI(box, 'echo x > src/b.txt');
    const { task, evidence } = await execute(
      box,
      await add(box, { checks: ["printf 'TAP version 13\\nok 1 - a\\n1..1\\n'"] }),
    );
    expect(task.status).toBe('done');
    return { task, evidence };
  };

  it('is one file that is checked with nothing but the public key', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const { task, evidence } = await done(box);
      await add(box);
      const receipt = await exportReceipt(box, task.id);
      const published = parseVerifiers(project.read('.ai/ledger.pub'));
      const report = await checkReceipt(receipt, published);
      expect(report).toMatchObject({ ok: true, task: task.id });
      expect(report.proved.join('\n')).toContain(`${evidence.length} pieces of evidence`);
      expect(report.proved.join('\n')).toMatch(/The verdict is the one that entry \d+ recorded/);
      expect(verifyReceipt(receipt, projectKeys(box.store.paths))).toEqual(report);
      const bent = receipt.replace(/[A-Z]/, (letter) => letter.toLowerCase());
      expect(await checkReceipt(bent, published)).toMatchObject({ ok: false, firstBad: { where: 'envelope' } });
      const payload = JSON.parse(
        Buffer.from((JSON.parse(receipt) as { payload: string }).payload, 'base64').toString(),
      );
      const actions = payload.decisions.map(
        (each: JsonObject) => ((each['request'] as JsonObject)['action'] as JsonObject)['name'],
      );
      expect(actions).toEqual(expect.arrayContaining(['task.create', 'task.execute', 'shell.run', 'task.land']));
      expect(await checkReceipt(receipt, [])).toMatchObject({ ok: false });
    }));

  it('is signed by no AI', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const { task } = await done(box);
      const agent = { ...box, actor: { kind: 'ai' as const, id: 'sh' } };
      await expect(exportReceipt(agent, task.id)).rejects.toMatchObject({ code: 'AGENT_REFUSED' });
      await expect(removeEvidence(agent, 'evd_', 'x')).rejects.toMatchObject({ code: 'AGENT_REFUSED' });
    }));

  it('is checked in the project: each content, the table, the log', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const { task, evidence } = await done(box);
      const verify = () => verifyEvidence(box.store, box.ledger, task.id);
      expect(await verify()).toMatchObject({ ok: true, ledger: { ok: true } });
      const [diff, command] = evidence;
      const fileOf = (digest = '') => join(box.store.paths.blobs, 'sha256', digest.slice(7, 9), digest.slice(9));
      const kept = readFileSync(fileOf(diff?.digest));
      writeFileSync(fileOf(diff?.digest), 'other');
      expect((await verify()).evidence[0]).toMatchObject({ id: diff?.id, state: 'corrupt' });
      writeFileSync(fileOf(diff?.digest), kept);
      rmSync(fileOf(command?.digest));
      expect(await verify()).toMatchObject({
        ok: false,
        evidence: [{ state: 'whole' }, { state: 'missing' }, { state: 'missing' }],
      });
      box.store.db.exec("UPDATE evidence SET grade = 'verified'");
      expect(await verify()).toMatchObject({ ok: false, ledger: { ok: false, kind: 'edited' } });
    }));

  it('can lose a content on purpose, on record, and still be checked', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const { task, evidence } = await done(box);
      const diff = evidence[0];
      const removed = await removeEvidence(box, diff?.id ?? '', 'Holds a name.');
      expect(removed).toMatchObject({ id: diff?.id, also: [], tombstone: { reason: 'Holds a name' } });
      expect(kinds(box, `task/${task.id}`).filter((kind) => kind === 'evidence.removed')).toHaveLength(1);
      await removeEvidence(box, diff?.id ?? '', 'Again.');
      expect(kinds(box, `task/${task.id}`).filter((kind) => kind === 'evidence.removed')).toHaveLength(1);
      const report = await verifyEvidence(box.store, box.ledger, task.id);
      expect(report).toMatchObject({
        ok: true,
        evidence: [{ state: 'removed', says: expect.stringContaining('Holds a name') }, {}, {}],
      });
      const receipt = await checkReceipt(await exportReceipt(box, task.id), projectKeys(box.store.paths));
      expect(receipt.ok).toBe(true);
      expect(receipt.notProved.join('\n')).toContain('because Holds a name');
    }));

  it('has not lost a content on purpose if only a tombstone says so', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const { task, evidence } = await done(box);
      const digest = evidence[0]?.digest ?? 'sha256:';
      await openBlobStore(box.store.paths.blobs).remove(digest, { reason: 'because I can', at: 0 });
      const report = await verifyEvidence(box.store, box.ledger, task.id);
      expect(report).toMatchObject({
        ok: false,
        evidence: [{ state: 'missing', says: expect.stringContaining('no entry does') }, {}, {}],
      });
    }));

  it('cannot be removed when it is gone already', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const { evidence } = await done(box);
      rmSync(join(box.store.paths.blobs, 'sha256'), { recursive: true });
      mkdirSync(join(box.store.paths.blobs, 'sha256'));
      await expect(removeEvidence(box, evidence[0]?.id ?? '', 'x')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    }));
});
