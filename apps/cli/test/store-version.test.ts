import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { type Project, withProject } from './support/project.js';

const store = (project: Project): string => join(project.root, '.ai/state/signalbox.db');
const digest = (project: Project): string =>
  createHash('sha256')
    .update(readFileSync(store(project)))
    .digest('hex');

describe('a store that a newer version has written', () => {
  it('is refused by every command that needs it, and left as it is', () =>
    withProject({}, async (project) => {
      await project.add('One');
      const db = openSqlite(store(project));
      db.exec("INSERT INTO migration SELECT owner, max(number) + 1, 'from the future' FROM migration GROUP BY owner");
      db.exec('PRAGMA wal_checkpoint(TRUNCATE)');
      db.close();
      const written = digest(project);
      for (const argv of [['task', 'list'], ['task', 'create', 'Two'], ['audit', 'verify'], ['status']]) {
        const { exitCode, stdout, stderr } = await project.run([...argv, '--json']);
        expect({ exitCode, stdout }).toEqual({ exitCode: 7, stdout: '' });
        expect(JSON.parse(stderr).error).toMatchObject({ code: 'STORE_NEWER', hint: expect.any(String) });
      }
      expect(digest(project)).toBe(written);
      expect((await project.run(['doctor'])).exitCode).toBe(8);
    }));
});
