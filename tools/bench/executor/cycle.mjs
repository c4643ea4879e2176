import { join } from 'node:path';
import { openSqlite, transact } from '@signalbox/kernel/sqlite';
import { rateRatioFigure } from '../figures.mjs';
import { measurePairs, timed, timedEach, timedEachAsync } from '../measure.mjs';
import { loadPlainjob } from '../task-core/peers.mjs';
import { governedSteps, spec } from './governed.mjs';

const CYCLES = 50;
const CALLERS = 32;
const CYCLES_EACH = 5;
const COUNT = { what: 'cycles' };

/** Create, claim with locks, start, complete: four decisions with their records and entries, by one caller and by many. */
export async function measureGovernedCycle(reps, folder, box) {
  const steps = governedSteps(box);
  const body = JSON.stringify(spec);
  const cycle = async (input) => {
    const { id } = await steps.create(input);
    const ref = await steps.claim(id);
    await steps.start(ref);
    await steps.settle(ref);
  };
  const alone = () => timedEachAsync(CYCLES, () => cycle(spec));
  // Each caller at paths of its own: what is measured is the store, not the wait for a lock.
  const together = async () => {
    const caller = async (_, index) => {
      const own = { ...spec, locks: [{ glob: `mod${index}/src/**` }, { glob: `mod${index}/docs/*.md` }] };
      for (let n = 0; n < CYCLES_EACH; n++) await cycle(own);
    };
    return (await timed(() => Promise.all(Array.from({ length: CALLERS }, caller)))) / (CALLERS * CYCLES_EACH);
  };

  const figures = [];
  const compare = async (name, peer) => {
    const theirs = () => timedEach(CYCLES, () => peer.cycle(body));
    const one = await measurePairs(reps, theirs, alone);
    const many = await measurePairs(reps, theirs, together);
    figures.push(rateRatioFigure(`governed cycle, 1 caller, against ${name}`, one, COUNT));
    figures.push(rateRatioFigure(`governed cycle, ${CALLERS} callers, against ${name}`, many, COUNT));
    peer.close();
  };
  await compare('three raw transactions', openRaw(join(folder, 'raw.db')));
  const plainjob = await loadPlainjob();
  if (plainjob) await compare('plainjob at full durability', plainjob(join(folder, 'plainjob.db'), 'FULL'));
  return figures;
}

/** The least that a queue must do, under the same settings: insert, take the first, mark it done. */
function openRaw(file) {
  const db = openSqlite(file);
  db.exec(`
    CREATE TABLE job (id INTEGER PRIMARY KEY, body TEXT NOT NULL, status TEXT NOT NULL) STRICT;
    CREATE INDEX job_ready ON job (id) WHERE status = 'queued';
  `);
  const insert = db.prepare("INSERT INTO job (body, status) VALUES (?, 'queued')");
  const take = db.prepare(`
    UPDATE job SET status = 'running'
    WHERE id = (SELECT id FROM job WHERE status = 'queued' ORDER BY id LIMIT 1) RETURNING id
  `);
  const finish = db.prepare("UPDATE job SET status = 'done' WHERE id = ?");
  const cycle = (body) => {
    transact(db, () => insert.run(body));
    const { id } = transact(db, () => take.get());
    transact(db, () => finish.run(id));
  };
  return { cycle, close: () => db.close() };
}
