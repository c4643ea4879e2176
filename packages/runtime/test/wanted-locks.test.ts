import { describe, expect, it } from '@jest/globals';
import { MAX_LOCKS, type PathLock } from '@signalbox/task-core';
import { addWantedLocks } from '../src/executor/wanted-locks.js';
import { mustGet, type Signalbox } from '../src/index.js';
import { recordUpdate } from '../src/tasks/entries.js';
import { add, withProject } from './support/bench.js';

const lock = (glob: string): PathLock => ({ glob, mode: 'exclusive' });
const wanted = (...globs: string[]) => ({ wantedLocks: globs.map((glob) => ({ ...lock(glob) })) });

/** The executor of a process that has read the tasks at this moment, and has not looked again. */
async function withOldReads({ executor, tasks }: Signalbox, id: string): Promise<Signalbox['executor']> {
  const old = await tasks.get(id);
  return { ...executor, store: { ...executor.store, tasks: { ...tasks, get: async () => old } } };
}

describe('locks that an attempt ended for want of', () => {
  it('are added to what somebody else has made of the locks meanwhile', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const task = await add(box, { locks: [lock('a')] });
      const executor = await withOldReads(box, task.id);
      await box.tasks.update(task.id, { locks: [lock('b')] }, recordUpdate('user:ana', {}));
      await addWantedLocks(executor, task.id, wanted('c'));
      expect((await mustGet(box, task.id)).locks).toEqual([lock('b'), lock('c')]);
    }));

  it('are added up to as many as a task may have', () =>
    withProject({}, async (project) => {
      const box = await project.open();
      const locks = Array.from({ length: MAX_LOCKS - 1 }, (_, n) => lock(`a/${n}`));
      const task = await add(box, { locks });
      await addWantedLocks(box.executor, task.id, wanted('b', 'c'));
      expect((await mustGet(box, task.id)).locks).toEqual([...locks, lock('b')]);
    }));
});
