import { join } from 'node:path';
import { openSqlite, transact } from '@signalbox/kernel/sqlite';
import { rateRatioFigure } from '../figures.mjs';
import { measurePairs, timed, timedEach, timedEachAsync } from '../measure.mjs';
import { loadPlainjob } from './peers.mjs';
import { lockedSpec, openQueue, plainSpec, record } from './queue.mjs';

const CYCLES = 100;
const CALLERS = 32;
const CYCLES_EACH = 20;

/** Enqueue, claim (which starts), complete: one at a time, and by many callers at once. */
export async function measureCycles(reps, folder) {
  const raw = openRaw(join(folder, 'raw.db'));
  const queue = openQueue(join(folder, 'cycle.db'));
  const body = JSON.stringify(lockedSpec);
  const cycle = async (spec) => {
    await queue.store.create(spec, 'user:bench', record);
    await queue.finish(await queue.begin());
  };
  const alone = await measurePairs(
    reps,
    () => timedEach(CYCLES, () => raw.cycle(body)),
    () => timedEachAsync(CYCLES, () => cycle(lockedSpec)),
  );
  const figures = [
    rateRatioFigure('full cycle with two locks, one at a time, against three raw transactions', alone, {
      what: 'cycles',
      bound: 0.7,
    }),
  ];
  const together = async () => {
    const caller = async () => {
      for (let n = 0; n < CYCLES_EACH; n++) await cycle(plainSpec);
    };
    return (await timed(() => Promise.all(Array.from({ length: CALLERS }, caller)))) / (CALLERS * CYCLES_EACH);
  };
  const plainjob = await loadPlainjob();
  if (plainjob) {
    const full = plainjob(join(folder, 'plainjob-full.db'), 'FULL');
    const normal = plainjob(join(folder, 'plainjob-normal.db'), 'NORMAL');
    const against = (peer) => measurePairs(reps, () => timedEach(CYCLES, () => peer.cycle(body)), together);
    figures.push(
      rateRatioFigure('32 callers, full durability, against plainjob at full durability', await against(full), {
        what: 'cycles',
        bound: 5,
      }),
      rateRatioFigure('the same against plainjob as it comes (synchronous = NORMAL)', await against(normal), {
        what: 'cycles',
      }),
    );
    full.close();
    normal.close();
  }
  const rawTogether = await measurePairs(reps, () => timedEach(CYCLES, () => raw.cycle(body)), together);
  figures.push(
    rateRatioFigure('32 callers, full durability, against three raw transactions', rawTogether, { what: 'cycles' }),
  );
  raw.db.close();
  queue.db.close();
  return figures;
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
