import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { withProject } from './support/project.js';

describe('signalbox audit verify --anchor', () => {
  it('holds the log, or an export away from any project, against a checkpoint that somebody kept', () =>
    withProject({}, async (project) => {
      await project.run(['audit', 'export', '--out', 'early.jsonl']);
      await project.add('One');
      const { note, size } = await project.ask<{ note: string; size: number }>('audit', 'checkpoint');
      await project.run(['audit', 'export', '--out', 'late.jsonl']);
      const anchor = join(project.place, 'anchor.note');
      writeFileSync(anchor, note);
      const key = join(project.root, '.ai/ledger.pub');
      const verify = async (name: string) => {
        const argv = [
          'audit',
          'verify',
          '--file',
          join(project.root, name),
          '--key',
          key,
          '--anchor',
          anchor,
          '--json',
        ];
        const { exitCode, stdout } = await project.run(argv, { cwd: project.place, environment: {} });
        return { exitCode, report: JSON.parse(stdout) as object };
      };
      expect(await verify('late.jsonl')).toMatchObject({
        exitCode: 0,
        report: { ok: true, completeness: 'proven', anchoredAt: { size } },
      });
      expect(await verify('early.jsonl')).toMatchObject({
        exitCode: 7,
        report: { ok: false, integrity: true, completeness: 'unproven', kind: 'truncated' },
      });
      execFileSync('git', ['update-ref', '-d', 'refs/signalbox/ledger'], { cwd: project.root });
      expect(await project.ask('audit', 'verify')).toMatchObject({ completeness: 'unproven' });
      expect(await project.ask('audit', 'verify', '--anchor', anchor)).toMatchObject({ completeness: 'proven' });
      writeFileSync(anchor, 'no note');
      expect((await project.run(['audit', 'verify', '--anchor', anchor])).exitCode).toBe(7);
      expect((await project.run(['audit', 'verify', '--anchor', 'nowhere'])).exitCode).toBe(3);
    }));
});
