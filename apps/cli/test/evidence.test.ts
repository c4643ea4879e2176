import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { type Project, runIn, shellAI, withProject } from './support/project.js';

interface Piece {
  id: string;
  kind: string;
  digest: string;
}

/** A task that is done, with a check that writes TAP. */
async function withDone(test: (project: Project, id: string, pieces: Piece[]) => Promise<void>): Promise<void> {
  await withProject({}, async (project) => {
    await shellAI(project, 'echo x > src/b.txt');
    const tap = "printf 'TAP version 13\\nok 1 - adds\\nok 2 - later # SKIP\\n1..2\\n'";
    const { id } = await project.add('Do it', '--check', tap);
    const { evidence } = await project.ask<{ evidence: Piece[] }>('task', 'execute', id);
    await test(project, id, evidence);
  });
}

/** A receipt, and a folder in which there is nothing else but the public key. */
async function withReceipt(test: (project: Project, id: string, file: string) => Promise<void>): Promise<void> {
  await withDone(async (project, id) => {
    const file = join(project.place, 'receipt.json');
    const { exitCode, stdout, stderr } = await project.run(['evidence', 'export', id, '--out', file]);
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: '' });
    expect(stderr).toContain('signalbox evidence verify');
    project.write(join(project.place, 'ledger.pub'), readFileSync(join(project.root, '.ai/ledger.pub'), 'utf8'));
    await test(project, id, file);
  });
}

describe('signalbox evidence show', () => {
  it('says how to see one in full, and shows one by its own id as well', () =>
    withDone(async (project, id) => {
      const { stdout } = await project.run(['evidence', 'show', id]);
      expect(stdout.replace(/\s+/g, ' ')).toMatch(
        new RegExp(`One in full: .signalbox evidence show evd_\\w+.; the change: .signalbox task diff ${id}.\\.`),
      );
      const piece = stdout.split(/\s/)[0] ?? '';
      const [own, named] = [
        ['evidence', 'show', piece],
        ['evidence', 'show', id, '--content', piece],
      ];
      expect(await project.run(own)).toEqual(await project.run(named));
      expect((await project.run(['evidence', 'show', 'evd_none'])).stderr).toContain('evd_none');
    }));

  it('shows figures and grades, and what there is against a piece', () =>
    withDone(async (project, id) => {
      const { stdout } = await project.run(['evidence', 'show', id]);
      expect(stdout.replace(/\s+/g, ' ')).toContain('tap on standard output: 2 tests, 1 skipped (verified, ');
      await shellAI(project, 'echo x > src/c.txt', 'other');
      const empty = await project.add('Test nothing', '--ai', 'other', '--check', "printf 'TAP version 13\\n1..0\\n'");
      const run = await project.run(['task', 'execute', empty.id]);
      expect(run.exitCode).toBe(8);
      expect(run.stdout).toContain('No test ran.');
      const shown = await project.run(['evidence', 'show', empty.id]);
      expect(shown.stdout).toContain('claimed');
      expect(shown.stdout).toContain('    REPORT_EMPTY: No test ran.');
    }));
});

describe('signalbox evidence verify', () => {
  it('checks a receipt in a folder with nothing but the public key, and says what that proves and what not', () =>
    withReceipt(async (project, id, file) => {
      const world = { cwd: project.place, environment: project.environment };
      const { exitCode, stdout, stderr } = await runIn(world, ['evidence', 'verify', file, '--key', 'ledger.pub']);
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
      expect(stdout).toContain(`The receipt of ${id} holds`);
      expect(stdout).toMatch(/Proved\n {2}- [\s\S]*Not proved\n {2}- /);
      const key = readFileSync(join(project.place, 'ledger.pub'), 'utf8').trim();
      const json = await runIn(world, ['evidence', 'verify', 'receipt.json', '--key', key, '--json']);
      expect(JSON.parse(json.stdout)).toMatchObject({
        ok: true,
        task: id,
        proved: expect.any(Array),
        notProved: expect.any(Array),
      });
      const piped = { ...world, stdin: Readable.from([readFileSync(file)]) };
      expect((await runIn(piped, ['evidence', 'verify', '-', '--key', key])).exitCode).toBe(0);
    }));

  it('takes the key of the project that one stands in', () =>
    withReceipt(async (project, id, file) => {
      expect(await project.ask('evidence', 'verify', file)).toMatchObject({ ok: true, task: id });
    }));

  it('ends with 7 for a receipt that was changed, and says where', () =>
    withReceipt(async (project, _id, file) => {
      const text = readFileSync(file, 'utf8');
      writeFileSync(file, text.replace(/"payload":"(.{40})./, '"payload":"$1A'));
      const { exitCode, stdout } = await project.run(['evidence', 'verify', file]);
      expect(exitCode).toBe(7);
      expect(stdout).toContain('does not hold: envelope: ');
    }));

  it('asks for a key where there is none, for a file that is there, and for a key that is one', () =>
    withReceipt(async (project, id, file) => {
      const world = { cwd: project.place, environment: project.environment };
      const keyless = await runIn(world, ['evidence', 'verify', file]);
      expect(keyless.exitCode).toBe(2);
      expect(keyless.stderr).toContain('--key');
      expect((await runIn(world, ['evidence', 'verify', 'none.json'])).exitCode).toBe(3);
      expect((await runIn(world, ['evidence', 'verify', file, '--key', 'nonsense'])).exitCode).toBe(3);
      expect((await runIn(world, ['evidence', 'verify', file, '--key', 'a+01234567+x'])).exitCode).toBe(7);
      expect((await project.run(['evidence', 'verify', id, '--key', 'x'])).exitCode).toBe(2);
      expect((await project.run(['evidence', 'verify', 'tsk_none'])).exitCode).toBe(3);
    }));

  it('checks the evidence of a task, and ends with 7 when a content is not what was stored', () =>
    withDone(async (project, id, pieces) => {
      expect(await project.ask('evidence', 'verify', id)).toMatchObject({ ok: true, task: id, ledger: { ok: true } });
      expect((await project.run(['evidence', 'verify', id])).stdout).toContain(`All is well: ${pieces.length} pieces`);
      const digest = pieces[0]?.digest ?? '';
      const folder = join(project.root, '.ai/state/blobs/sha256', digest.slice(7, 9));
      writeFileSync(join(folder, readdirSync(folder)[0] ?? ''), 'changed');
      const { exitCode, stdout } = await project.run(['evidence', 'verify', id]);
      expect(exitCode).toBe(7);
      expect(stdout).toContain(`${pieces[0]?.id}  diff: It was changed on the disk.`);
    }));
});

describe('signalbox evidence export', () => {
  it('prints one line of JSON, and says when a file cannot be written', () =>
    withDone(async (project, id) => {
      const { stdout } = await project.run(['evidence', 'export', id]);
      expect(JSON.parse(stdout)).toMatchObject({ payloadType: 'application/vnd.signalbox.receipt+json' });
      expect(stdout.split('\n')).toHaveLength(2);
      expect((await project.run(['evidence', 'export', id, '--out', '/no/such/folder/x'])).exitCode).toBe(2);
    }));
});

describe('signalbox evidence remove', () => {
  it('deletes a content, says so ever after, and the rest still holds', () =>
    withDone(async (project, id, pieces) => {
      const diff = pieces[0]?.id ?? '';
      const removed = await project.run(['evidence', 'remove', diff, '--reason', 'holds a name']);
      expect(removed.stdout).toMatch(new RegExp(`^Removed the content of ${diff} \\(\\d+ bytes\\)`));
      const shown = await project.run(['evidence', 'show', id, '--content', diff]);
      expect(shown.exitCode).toBe(3);
      expect(shown.stderr).toContain('because holds a name');
      expect((await project.run(['task', 'diff', id])).exitCode).toBe(3);
      const { exitCode, stdout } = await project.run(['evidence', 'verify', id]);
      expect(exitCode).toBe(0);
      expect(stdout).toContain('because holds a name');
      expect((await project.run(['audit', 'log', '--kind', 'evidence.removed'])).stdout).toContain('evidence.removed');
      expect((await project.run(['audit', 'verify'])).exitCode).toBe(0);
    }));

  it('wants a reason, and evidence that there is', () =>
    withDone(async (project, _id, pieces) => {
      const diff = pieces[0]?.id ?? '';
      expect((await project.run(['evidence', 'remove', diff])).exitCode).toBe(2);
      expect((await project.run(['evidence', 'remove', diff, '--reason', ' '])).exitCode).toBe(2);
      expect((await project.run(['evidence', 'remove', 'evd_none', '--reason', 'x'])).exitCode).toBe(3);
    }));
});
