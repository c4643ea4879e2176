import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { type Project, withProject } from './support/project.js';

interface Entry {
  seq: number;
  kind: string;
  actor: string;
  subject: string;
}

const entries = async (project: Project, ...argv: string[]): Promise<Entry[]> =>
  (await project.ask<{ entries: Entry[] }>('audit', 'log', ...argv)).entries;

/** Changes the stored ledger behind our back. */
function tamper(project: Project, sql: string): void {
  const db = openSqlite(join(project.root, '.ai/state/signalbox.db'));
  db.exec(sql);
  db.close();
}

describe('signalbox audit log', () => {
  it('gives what happened, oldest first, and only what is asked for', () =>
    withProject({}, async (project) => {
      const { id } = await project.add('One');
      await project.add('Two');
      const all = await entries(project);
      expect(all.map(({ seq }) => seq)).toEqual(all.map((_, i) => (all[0]?.seq ?? 0) + i));
      expect((await entries(project, '--task', id)).every(({ subject }) => subject === `task/${id}`)).toBe(true);
      expect((await entries(project, '--kind', 'task.created')).map(({ kind }) => kind)).toEqual([
        'task.created',
        'task.created',
      ]);
      expect((await entries(project, '--kind', 'policy.')).every(({ kind }) => kind.startsWith('policy.'))).toBe(true);
      expect(await entries(project, '--limit', '1')).toEqual(all.slice(-1));
      expect(await entries(project, '--limit', '0')).toEqual(all);
    }));

  it('is a line an entry for a person, cut to the terminal', () =>
    withProject({}, async (project) => {
      await project.add(`A title ${'with many words '.repeat(10)}`);
      const { stdout } = await project.run(['audit', 'log']);
      const lines = stdout.trimEnd().split('\n');
      expect(lines.length).toBe((await entries(project)).length);
      for (const line of lines) expect(line).toMatch(/^ +\d+ {2}\d\d:\d\d:\d\d {2}\S+ /);
      for (const line of lines) expect(line.length).toBeLessThanOrEqual(80);
      expect(stdout).toContain('A title with many words');
      expect(stdout).toContain('allow task.create');
    }));

  it('goes on as the ledger grows with --follow, a line an entry, until it is interrupted', () =>
    withProject({}, async (project) => {
      await project.add('Before');
      const stop = new AbortController();
      const lines: Entry[] = [];
      const write = (text: string): void => {
        lines.push(JSON.parse(text));
        if (lines.length === 1) void project.add('Meanwhile');
        if (lines.filter(({ kind }) => kind === 'task.created').length === 2) stop.abort();
      };
      const argv = ['audit', 'log', '--follow', '--json', '--kind', 'task.created'];
      expect((await project.run(argv, { stdout: { write }, signal: stop.signal })).exitCode).toBe(0);
      expect(lines.map(({ kind }) => kind)).toEqual(['task.created', 'task.created']);
    }));

  it('refuses a limit that is none, and a task that is not there', () =>
    withProject({}, async (project) => {
      expect((await project.run(['audit', 'log', '--limit', '-1'])).exitCode).toBe(2);
      expect((await project.run(['audit', 'log', '--task', 'tsk_none'])).exitCode).toBe(3);
    }));
});

describe('signalbox audit verify', () => {
  it('gives integrity and completeness as two answers', () =>
    withProject({}, async (project) => {
      await project.add('One');
      const unproven = await project.ask<{ entries: number }>('audit', 'verify');
      expect(unproven).toMatchObject({
        ok: true,
        integrity: true,
        completeness: 'unproven',
        entries: expect.any(Number),
      });
      expect((await project.run(['audit', 'verify'])).stdout).toContain('Completeness is unproven');
      const made = await project.run(['audit', 'checkpoint']);
      expect(made.stdout).toMatch(
        new RegExp(`^Signed ${unproven.entries} entries, root \\S+, anchored in\\s+refs/signalbox/ledger\\.\n$`),
      );
      expect(await project.ask('audit', 'verify')).toMatchObject({
        ok: true,
        completeness: 'proven',
        anchoredAt: { size: unproven.entries },
      });
      const { stdout } = await project.run(['audit', 'verify']);
      expect(stdout).toContain(`Integrity holds: ${unproven.entries} entries`);
      expect(stdout).toContain(`Completeness is proven up to entry ${unproven.entries}`);
    }));

  it.each([
    [
      'edited',
      "UPDATE ledger SET line = replace(line, 'Two', 'Too') WHERE kind = 'task.created' AND line LIKE '%Two%'",
    ],
    ['missing', 'DELETE FROM ledger WHERE seq = 3'],
    ['truncated', 'DELETE FROM ledger WHERE seq = (SELECT max(seq) FROM ledger)'],
  ])('finds an entry that was %s, and exits with 7', (kind, sql) =>
    withProject({}, async (project) => {
      await project.add('One');
      await project.add('Two');
      await project.ask('audit', 'checkpoint');
      tamper(project, sql);
      const { exitCode, stdout } = await project.run(['audit', 'verify', '--json']);
      expect(exitCode).toBe(7);
      expect(JSON.parse(stdout)).toMatchObject({ ok: false, firstBad: expect.any(Number), kind });
      const human = await project.run(['audit', 'verify']);
      expect(human.exitCode).toBe(7);
      expect(human.stdout).toMatch(new RegExp(`First bad entry: \\d+ \\(${kind}\\)`));
    }),
  );
});

describe('signalbox audit export', () => {
  it('is lines that anybody can verify with the file alone', () =>
    withProject({}, async (project) => {
      await project.add('One');
      const { stdout } = await project.run(['audit', 'export', '--json']);
      const lines = stdout
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line));
      expect(lines.length).toBeGreaterThan(2);
      const written = await project.run(['audit', 'export', '--out', 'ledger.jsonl']);
      expect(written).toMatchObject({ exitCode: 0, stdout: '' });
      expect(written.stderr).toContain(`Written to ${project.root}/ledger.jsonl.`);
      const file = join(project.root, 'ledger.jsonl');
      expect(await project.ask('audit', 'verify', '--file', file)).toMatchObject({ ok: true, integrity: true });
      const away = await project.run(['audit', 'verify', '--file', file], { cwd: '/', environment: {} });
      expect(away).toMatchObject({ exitCode: 0, stdout: expect.stringContaining('The export is whole') });
    }));

  it('that was changed or cut is not believed', () =>
    withProject({}, async (project) => {
      await project.add('One');
      await project.run(['audit', 'export', '--out', 'ledger.jsonl']);
      const file = join(project.root, 'ledger.jsonl');
      const whole = readFileSync(file, 'utf8');
      writeFileSync(file, whole.replace('"One"', '"Two"'));
      const edited = await project.run(['audit', 'verify', '--file', 'ledger.jsonl', '--json']);
      expect([edited.exitCode, JSON.parse(edited.stdout).kind]).toEqual([7, 'edited']);
      writeFileSync(file, whole.split('\n').slice(0, -2).join('\n'));
      const cut = await project.run(['audit', 'verify', '--file', 'ledger.jsonl', '--json']);
      expect([cut.exitCode, JSON.parse(cut.stdout).kind]).toEqual([7, 'truncated']);
    }));

  it('is looked for in a file: neither in a folder nor where nothing is', () =>
    withProject({}, async (project) => {
      const refused = async (...argv: string[]): Promise<unknown[]> => {
        const { exitCode, stdout, stderr } = await project.run([...argv, '--json']);
        return [exitCode, stdout, JSON.parse(stderr).error.code];
      };
      expect(await refused('audit', 'verify', '--file', project.place)).toEqual([2, '', 'USAGE']);
      expect(await refused('audit', 'verify', '--file', 'nowhere.jsonl')).toEqual([3, '', 'NOT_FOUND']);
      expect(await refused('audit', 'export', '--out', project.place)).toEqual([2, '', 'USAGE']);
    }));
});

describe('signalbox audit checkpoint', () => {
  it('outside of git signs without an anchor, and says so', () =>
    withProject({ git: false, init: false }, async (project) => {
      await project.ask('init', '--root', project.root);
      await project.add('One');
      expect((await project.run(['audit', 'checkpoint'])).stdout).toMatch(/outside of\s+git there is no anchor/);
      expect(await project.ask('audit', 'checkpoint')).toMatchObject({ anchored: false, note: expect.any(String) });
    }));
});
