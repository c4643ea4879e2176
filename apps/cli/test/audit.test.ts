import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
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

  it('can be asked for an actor and a span of time', () =>
    withProject({}, async (project) => {
      await project.add('One');
      const all = await entries(project, '--limit', '0');
      const [first] = all as unknown as { time: string; actor: string }[];
      expect(await entries(project, '--actor', 'system')).toEqual(all.filter(({ actor }) => actor === 'system'));
      expect(await entries(project, '--since', String(first?.time), '--limit', '0')).toEqual(all);
      expect(await entries(project, '--since', '1h')).toEqual(all);
      expect(await entries(project, '--until', String(first?.time))).toEqual([]);
      expect((await project.run(['audit', 'log', '--since', 'yesterday'])).exitCode).toBe(2);
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
      const told = await project.run(['audit', 'checkpoint']);
      expect(told.stdout).toMatch(/^Signed \d+ entries, root \S+, anchored in\s+refs\/signalbox\/ledger\.\n$/);
      const made = await project.ask<{ size: number }>('audit', 'checkpoint');
      expect(made.size).toBeGreaterThanOrEqual(unproven.entries);
      expect(await project.ask('audit', 'verify')).toMatchObject({
        ok: true,
        completeness: 'proven',
        anchoredAt: { size: made.size },
      });
      const { stdout } = await project.run(['audit', 'verify']);
      expect(stdout).toContain(`Integrity holds: ${made.size} entries`);
      expect(stdout).toContain(`Completeness is proven up to entry ${made.size}`);
      expect(stdout).toMatch(/What was proved:\n- Entries 1 to \d+ were read/);
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

interface SshCheckpoint {
  note: string;
  ssh: { note: string; signature: string; line: string; command: string };
}

describe('signalbox audit checkpoint --ssh', () => {
  it('is a signature that ssh-keygen accepts by the command that is printed', () =>
    withProject({}, async (project) => {
      await project.add('One');
      const { note, ssh } = await project.ask<SshCheckpoint>('audit', 'checkpoint', '--ssh');
      expect(readFileSync(ssh.note, 'utf8')).toBe(note);
      expect(execFileSync('sh', ['-c', ssh.command], { encoding: 'utf8' })).toContain(
        'Good "checkpoint@signalbox.dev"',
      );
      await project.ask('audit', 'rotate-key');
      const later = await project.ask<SshCheckpoint>('audit', 'checkpoint', '--ssh');
      for (const { command } of [ssh, later.ssh])
        expect(execFileSync('sh', ['-c', command], { encoding: 'utf8' })).toMatch(/^Good/);
      writeFileSync(ssh.note, note.replace('signalbox.dev/', 'signalbox.dev/x'));
      expect(() => execFileSync('sh', ['-c', ssh.command], { stdio: 'pipe' })).toThrow();
      const { stdout } = await project.run(['audit', 'checkpoint', '--ssh']);
      expect(stdout).toContain(`\n${later.ssh.line}\n`);
      expect(stdout).toContain('ssh-keygen -Y verify -f ');
    }));
});

describe('signalbox audit rotate-key', () => {
  it('lets whoever trusts the first key follow', () =>
    withProject({}, async (project) => {
      await project.ask('audit', 'checkpoint');
      const first = readFileSync(join(project.root, '.ai/ledger.pub'), 'utf8').trim();
      const rotation = await project.ask<{ from: string; to: string }>('audit', 'rotate-key');
      expect(rotation.from).toBe(first);
      expect((await project.run(['audit', 'rotate-key'])).stdout).toMatch(
        /^The key was replaced, which entry \d+ records/,
      );
      await project.ask('audit', 'checkpoint');
      expect(await project.ask('audit', 'verify')).toMatchObject({ ok: true, completeness: 'proven', signer: first });
      await project.run(['audit', 'export', '--out', 'ledger.jsonl']);
      const verify = async (key: string) => {
        const argv = ['audit', 'verify', '--file', join(project.root, 'ledger.jsonl'), '--key', key];
        return project.run(argv, { cwd: project.place, environment: {} });
      };
      expect(await verify(first)).toMatchObject({ exitCode: 0 });
      expect(await verify(join(project.root, '.ai/ledger.pub'))).toMatchObject({ exitCode: 0 });
      expect(await verify(rotation.to)).toMatchObject({ exitCode: 0 }); // it leads to the last one
      const own = `other+${first.split('+').slice(1).join('+')}`;
      expect((await verify(own)).exitCode).toBe(7); // the hash names another key
      expect((await verify('nowhere.pub')).exitCode).toBe(3);
    }));
});

describe('signalbox audit seal', () => {
  it('moves old entries into a file, and everything goes on', () =>
    withProject({}, async (project) => {
      await project.add('One');
      await project.add('Two');
      const all = await entries(project, '--limit', '0');
      const sealed = await project.ask<{ first: number; last: number; folder: string; file: string }>(
        ...['audit', 'seal', '--keep', '2'],
      );
      expect(sealed).toMatchObject({ first: 1 });
      expect(existsSync(join(sealed.folder, sealed.file))).toBe(true);
      expect((await entries(project, '--limit', '0')).slice(0, all.length)).toEqual(all);
      expect(await project.ask('audit', 'verify')).toMatchObject({ ok: true });
      expect((await project.run(['audit', 'seal', '--before', '3'])).exitCode).toBe(2);
      expect((await project.run(['audit', 'seal', '--before', '3', '--keep', '3'])).exitCode).toBe(2);
      expect((await project.run(['audit', 'seal', '--keep', '0'])).stdout).toMatch(
        /^Entries \d+ to \d+ are sealed in\s/,
      );
      rmSync(join(sealed.folder, sealed.file));
      const { exitCode, stdout } = await project.run(['audit', 'verify', '--json']);
      expect([exitCode, JSON.parse(stdout)]).toMatchObject([7, { firstBad: 1, kind: 'missing', segment: sealed.file }]);
    }));
});

describe('signalbox audit verify --incremental', () => {
  it('reads only what was added since', () =>
    withProject({}, async (project) => {
      await project.add('One');
      await project.ask('audit', 'checkpoint');
      await project.ask('audit', 'verify', '--full');
      await project.add('Two');
      expect(await project.ask('audit', 'verify', '--incremental')).toMatchObject({ ok: true, mode: 'incremental' });
      expect((await project.run(['audit', 'verify', '--incremental', '--full'])).exitCode).toBe(2);
      expect((await project.run(['audit', 'verify', '--incremental', '--file', 'x'])).exitCode).toBe(2);
    }));
});

describe('signalbox audit recover', () => {
  it('cuts a torn last line off and counts what was lost, without any project', () =>
    withProject({}, async (project) => {
      await project.add('One');
      await project.run(['audit', 'export', '--out', 'ledger.jsonl']);
      const file = join(project.root, 'ledger.jsonl');
      const away = { cwd: project.place, environment: {} };
      expect((await project.run(['audit', 'recover', file], away)).stdout).toContain('nothing was cut off');
      const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
      truncateSync(file, Buffer.byteLength(lines.slice(0, 2).join('\n')) + 1 + 40);
      const torn = await project.run(['audit', 'verify', '--file', file, '--json'], away);
      expect(JSON.parse(torn.stdout)).toMatchObject({ kind: 'truncated', firstBad: 3 });
      expect(JSON.parse(torn.stdout).reason).toContain('torn: 40 bytes');
      const agent = { ...away, environment: { SIGNALBOX_ATTEMPT: 'att_1', SIGNALBOX_AI: 'sh' } };
      expect((await project.run(['audit', 'recover', file], agent)).exitCode).toBe(5);
      const recovered = await project.run(['audit', 'recover', file, '--json'], away);
      expect(JSON.parse(recovered.stdout)).toMatchObject({ recovered: true, lostBytes: 40, seq: 3 });
      expect(readFileSync(file, 'utf8')).toContain('"lostBytes":40');
      const after = await project.run(['audit', 'verify', '--file', file], away);
      expect(after.exitCode).toBe(7);
      expect(after.stdout).toContain('Integrity is broken: The export is not closed');
      truncateSync(file, 10);
      expect((await project.run(['audit', 'recover', file], away)).exitCode).toBe(7);
    }));
});

describe('what only a person does with the ledger', () => {
  it.each([['checkpoint'], ['export'], ['rotate-key'], ['seal']])('is refused to an agent: %s', (verb) =>
    withProject({}, async (project) => {
      const environment = { ...project.environment, SIGNALBOX_ATTEMPT: 'att_1', SIGNALBOX_AI: 'sh' };
      expect(await project.run(['audit', verb], { environment })).toMatchObject({ exitCode: 5, stdout: '' });
      expect(await entries(project, '--kind', 'agent.refused')).toMatchObject([{ actor: 'ai:sh' }]);
    }),
  );
});
