import { join } from 'node:path';
import { createIds, systemClock } from '@signalbox/kernel';
import { openSqlite, transact } from '@signalbox/kernel/sqlite';
import { openSqliteTaskStore } from '@signalbox/task-core';
import { parseTaskSpec } from '@signalbox/task-core/spec';
import { rateRatioFigure, timeRatioFigure } from '../figures.mjs';
import { measurePairs, timedEach, timedEachAsync } from '../measure.mjs';
import { quickly } from '../quickly.mjs';

const CYCLES = 100;
const CLAIMS = 200;
const SHALLOW = 1_000;
const DEEP = 100_000;
const record = () => [];

export const suite = {
  name: 'task-core',
  title: 'the queue, against bare SQLite',

  async figures({ reps, folder, say }) {
    say('cycles …');
    const cycles = await measureCycles(reps, folder);
    say(`queueing ${DEEP.toLocaleString('en-US')} tasks …`);
    const claims = await measureDepth(reps, folder);
    return [
      rateRatioFigure('enqueue, claim, start, settle', cycles, { what: 'cycles' }),
      timeRatioFigure('claim, 100,000 queued against 1,000', claims, { measuredIn: 'µs' }),
    ];
  },
};

async function measureCycles(reps, folder) {
  const raw = openRaw(join(folder, 'raw.db'));
  const queue = openQueue(join(folder, 'queue.db'));
  const spec = parseTaskSpec({
    title: 'Task',
    description: 'Do it.',
    locks: [{ glob: 'src/**' }, { glob: 'docs/*.md' }],
  });
  try {
    return await measurePairs(
      reps,
      () => timedEach(CYCLES, () => raw.cycle(JSON.stringify(spec))),
      () =>
        timedEachAsync(CYCLES, async () => {
          await queue.store.create(spec, 'user:bench', record);
          const ref = await queue.claim();
          await queue.store.start(ref, { id: queue.ids('att'), ai: null, data: {} }, record);
          await queue.store.settle(ref, { kind: 'done' }, {}, record);
        }),
    );
  } finally {
    raw.db.close();
    queue.db.close();
  }
}

/** Without the sync of each commit, which takes the same time at any depth and would hide a growth. */
async function measureDepth(reps, folder) {
  const shallow = openQueue(join(folder, 'shallow.db'));
  const deep = openQueue(join(folder, 'deep.db'));
  try {
    await fill(shallow, SHALLOW);
    await fill(deep, DEEP);
    const claimSome = async (queue) => {
      const refs = [];
      const each = await timedEachAsync(CLAIMS, async () => void refs.push(await queue.claim()));
      for (const ref of refs) await queue.store.settle(ref, { kind: 'release' }, {}, record);
      return each;
    };
    return await measurePairs(
      reps,
      () => claimSome(shallow),
      () => claimSome(deep),
    );
  } finally {
    shallow.db.close();
    deep.db.close();
  }
}

/** The queue alone: what its operations record goes nowhere. */
function openQueue(file) {
  const db = openSqlite(file);
  const ids = createIds(systemClock);
  const store = openSqliteTaskStore(db, { clock: systemClock, ids, journal: { append() {} } });
  const claim = async () => {
    const claimed = await store.claim({ holder: 'bench', ttlMs: 600_000 }, record);
    if (claimed.status !== 'claimed') throw new Error(`the claim came out as ${claimed.status}`);
    return { task: claimed.task.id, lease: claimed.lease.id };
  };
  return { db, ids, store, claim };
}

async function fill(queue, count) {
  await quickly(queue.db, async () => {
    for (let n = 0; n < count; n++) {
      await queue.store.create(parseTaskSpec({ title: `Task ${n}`, priority: n % 20 }), 'user:bench', record);
    }
  });
  queue.db.exec('PRAGMA synchronous = NORMAL');
}

/** The least that a queue must do, in three transactions under the same settings: insert, take the first, mark it done. */
function openRaw(file) {
  const db = openSqlite(file);
  db.exec(`
    CREATE TABLE job (id INTEGER PRIMARY KEY, body TEXT NOT NULL, priority INTEGER NOT NULL, status TEXT NOT NULL) STRICT;
    CREATE INDEX job_ready ON job (priority DESC, id) WHERE status = 'queued';
  `);
  const insert = db.prepare("INSERT INTO job (body, priority, status) VALUES (?, 0, 'queued')");
  const take = db.prepare(`
    UPDATE job SET status = 'running'
    WHERE id = (SELECT id FROM job WHERE status = 'queued' ORDER BY priority DESC, id LIMIT 1) RETURNING id
  `);
  const finish = db.prepare("UPDATE job SET status = 'done' WHERE id = ?");
  const cycle = (body) => {
    transact(db, () => insert.run(body));
    const { id } = transact(db, () => take.get());
    transact(db, () => finish.run(id));
  };
  return { db, cycle };
}
