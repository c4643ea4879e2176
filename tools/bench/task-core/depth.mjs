import { join } from 'node:path';
import { timeRatioFigure } from '../figures.mjs';
import { quickly } from '../quickly.mjs';
import { fill, multiply, openQueue } from './queue.mjs';

const CLAIMS = 400;
const SHALLOW = 1_000;
const DEEP = 1_000_000;

/** What a claim costs in front of many others. Without the sync of each commit, which would hide a growth. */
export async function measureDepth(reps, folder, say) {
  const shallow = await open(folder, 'shallow.db', () => {});
  say(`queueing ${DEEP.toLocaleString('en-US')} tasks …`);
  const deep = await open(folder, 'deep.db', (db) => multiply(db, DEEP, { id: "'tsk_q' || n", rank: 't.rank + n' }));
  const queued = await compare(reps, shallow, deep);
  deep.db.close();
  shallow.db.close();
  say(`putting ${DEEP.toLocaleString('en-US')} tasks that cannot run ahead of them …`);
  // A file of its own to compare with, as fresh as the other: one that has been written to for a while is quicker.
  const alone = await open(folder, 'alone.db', () => {});
  const behind = await open(folder, 'behind.db', addWaiting);
  const waiting = await compare(reps, alone, behind);
  behind.db.close();
  alone.db.close();
  return [
    timeRatioFigure('claim p50, 1,000,000 queued against 1,000', queued.p50, { measuredIn: 'µs', bound: 1.1 }),
    timeRatioFigure('claim p99, the same', queued.p99, { measuredIn: 'µs', bound: 1.2 }),
    timeRatioFigure('claim p50, 1,000,000 delayed, blocked or lock-waiting ahead', waiting.p50, {
      measuredIn: 'µs',
      bound: 1.2,
    }),
    timeRatioFigure('claim p99, the same', waiting.p99, { measuredIn: 'µs', bound: 1.2 }),
  ];
}

async function open(folder, name, more) {
  const queue = openQueue(join(folder, name));
  await fill(queue, SHALLOW);
  await quickly(queue.db, async () => more(queue.db));
  queue.db.exec('PRAGMA synchronous = NORMAL');
  return queue;
}

/** A third each, all of them before every ready task. */
function addWaiting(db) {
  const third = Math.ceil(DEEP / 3);
  const ahead = { rank: 't.rank - 1000000000 - n', ready: '0' };
  const later = Date.now() + 365 * 24 * 3_600_000;
  const [holder] = db.prepare('SELECT id FROM task ORDER BY seq LIMIT 1').all();
  const add = (kind, columns) => {
    multiply(db, third, { ...ahead, ...columns, id: `'tsk_${kind}' || n` });
  };
  add('d', { not_before: `${later} + n`, wake_at: `${later} + n` });
  add('b', { status: "'blocked'", unmet: '1', wake_at: 'NULL', not_before: 'NULL' });
  add('l', { status: "'blocked'", unmet: '0' });
  db.exec(`
    INSERT INTO task_need (task, need, met) SELECT id, '${holder.id}', 0 FROM task WHERE id GLOB 'tsk_b[0-9]*';
    INSERT INTO lock_wait (task, holder, glob, rank) SELECT id, '${holder.id}', 'src/**', rank FROM task WHERE id GLOB 'tsk_l[0-9]*';
  `);
}

/** Interleaved: the same number of claims from each, given back afterwards. */
async function compare(reps, baseline, subject) {
  const p50 = [];
  const p99 = [];
  for (let rep = -1; rep < reps; rep++) {
    const order = rep % 2 === 0 ? [baseline, subject] : [subject, baseline];
    const times = new Map();
    for (const queue of order) times.set(queue, await claimSome(queue));
    if (rep < 0) continue;
    for (const [pairs, part] of [
      [p50, 0.5],
      [p99, 0.99],
    ]) {
      pairs.push({ baseline: quantile(times.get(baseline), part), subject: quantile(times.get(subject), part) });
    }
  }
  return { p50, p99 };
}

async function claimSome(queue) {
  const refs = [];
  const times = [];
  for (let n = 0; n < CLAIMS; n++) {
    const began = performance.now();
    refs.push(await queue.claim());
    times.push(performance.now() - began);
  }
  for (const ref of refs) await queue.release(ref);
  return times.sort((a, b) => a - b);
}

const quantile = (sorted, part) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))];
