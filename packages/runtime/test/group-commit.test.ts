import { describe, expect, it } from '@jest/globals';
import { parseTaskSpec } from '@signalbox/task-core/spec';
import { recordCreate } from '../src/tasks/entries.js';
import { withProject } from './support/bench.js';

describe('changes that share a commit', () => {
  it('leave a whole ledger when one of them is taken back', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const before = box.store.ledger.head().size;
      const create = (n: number) =>
        box.tasks.create(parseTaskSpec({ title: `Task ${n}` }), 'user:ana', (outcome) => {
          const entries = recordCreate('user:ana')(outcome);
          // What it records is written, and then cannot stand.
          if (n % 3 === 1) return [...entries, { kind: 'not a kind', actor: '', subject: '', data: {} }];
          return entries;
        });
      const made = await Promise.allSettled(Array.from({ length: 30 }, (_, n) => create(n)));
      expect(made.filter(({ status }) => status === 'rejected')).toHaveLength(10);
      expect((await box.tasks.list({ limit: 100 })).tasks).toHaveLength(20);
      expect(box.ledger.read({ kind: 'task.created' })).toHaveLength(20);
      expect(box.store.ledger.head().size - before).toBe(20);
      expect(await box.ledger.verify()).toMatchObject({ ok: true, integrity: true });
    }));
});
