import { createHash, hash } from 'node:crypto';
import { openLedger, verifyStoredLedger } from '@signalbox/audit';
import { createIds, systemClock } from '@signalbox/kernel';
import { openSqlite, transact } from '@signalbox/kernel/sqlite';
import { rateRatioFigure, timeFigure, timeRatioFigure } from '../figures.mjs';
import { measurePairs, timedEach } from '../measure.mjs';
import { quickly } from '../quickly.mjs';

// Short rounds, many of them: the time that a disk takes to sync drifts more than the two differ.
const APPENDS = 25;
const APPEND_ROUNDS = 8;
// Until the write-ahead log has its full size: from then on its file is overwritten, no longer extended.
const WARM_UP = 9_000;
const ENTRIES = 20_000;
const MANY_ENTRIES = 1_000_000;
// A million entries are verified in seconds, not in milliseconds: fewer repetitions tell as much.
const MAX_MANY_REPS = 3;
const BATCH = 10_000;
const what = 'entries';
const entryNumber = (n) => ({
  kind: 'task.claimed',
  actor: 'user:bench',
  subject: `task/tsk_${n}`,
  data: { holder: 'user:bench', fence: 1, locks: ['src/**'], attempt: 1 },
});

export const suite = {
  name: 'audit',
  title: 'the ledger, against bare SQLite and bare SHA-256',

  async figures({ reps, folder, say }) {
    say('appending …');
    const full = await measureAppends(reps, `${folder}/full`, 'FULL');
    const normal = await measureAppends(reps, `${folder}/normal`, 'NORMAL');
    say(`verifying ${ENTRIES.toLocaleString('en-US')} entries …`);
    const few = await measureVerification(reps, `${folder}/few.db`, ENTRIES);
    say(`writing and verifying ${MANY_ENTRIES.toLocaleString('en-US')} entries …`);
    const many = await measureVerification(Math.min(reps, MAX_MANY_REPS), `${folder}/many.db`, MANY_ENTRIES);
    return [
      rateRatioFigure('append', full, { what, bound: 0.85 }),
      rateRatioFigure('append, without the sync of each commit', normal, { what }),
      rateRatioFigure('verify', few.pairs, { what, bound: 0.4 }),
      rateRatioFigure('verify, against one-shot hashing', few.oneShot, { what }),
      timeRatioFigure('verify 1,000,000', many.pairs, { measuredIn: 'µs', bound: 4 }),
      megabyteFigure('memory while verifying 1,000,000', many.growth, 32),
    ];
  },
};

/** Both commit one row a transaction with the same durability; the row of the baseline holds the same line. */
async function measureAppends(reps, prefix, synchronous) {
  const raw = openSqlite(`${prefix}-raw.db`);
  const { db, ledger } = open(`${prefix}-ledger.db`);
  try {
    raw.exec('CREATE TABLE line (seq INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT');
    const insert = raw.prepare('INSERT INTO line (line) VALUES (?)');
    transact(db, () => ledger.append([entryNumber(0)], db));
    const [, { line }] = [...ledger.lines()];
    const insertRaw = () => transact(raw, () => insert.run(line));
    const append = (n) => transact(db, () => ledger.append([entryNumber(n)], db));
    for (const each of [raw, db]) each.exec('PRAGMA synchronous = OFF');
    timedEach(WARM_UP, insertRaw);
    timedEach(WARM_UP, append);
    for (const each of [raw, db]) each.exec(`PRAGMA synchronous = ${synchronous}`);
    return await measurePairs(
      reps * APPEND_ROUNDS,
      () => timedEach(APPENDS, insertRaw),
      () => timedEach(APPENDS, append),
    );
  } finally {
    raw.close();
    db.close();
  }
}

/** The baselines hash the same bytes, a line at a time, which lie in memory already; the verification reads them from disk. */
async function measureVerification(reps, file, count) {
  const { db, ledger } = open(file);
  try {
    await quickly(db, () => fill(db, ledger, count));
    const growth = [];
    const verify = () =>
      timedEach(1, () => {
        const before = process.memoryUsage();
        const { integrity, entries } = verifyStoredLedger(db);
        const after = process.memoryUsage();
        growth.push(after.heapUsed + after.external - before.heapUsed - before.external);
        if (!integrity || entries !== count) throw new Error('the ledger was not found sound');
      }) / count;
    // A million lines do not all fit: the same ones again and again then, which are as long.
    const lines = [];
    for (const { line } of ledger.lines()) if (lines.push(line) === ENTRIES) break;
    const hashing = (digest) => () =>
      timedEach(1, () => {
        for (let done = 0; done < count; done += lines.length) lines.forEach(digest);
      }) / count;
    const bare = hashing((line) => void createHash('sha256').update(line).digest());
    const pairs = await measurePairs(reps, bare, verify);
    const oneShot = await measurePairs(
      Math.min(reps, MAX_MANY_REPS),
      hashing((line) => void hash('sha256', line)),
      verify,
    );
    return { pairs, oneShot, growth };
  } finally {
    db.close();
  }
}

function fill(db, ledger, count) {
  for (let done = 1; done < count; done += BATCH) {
    const entries = Array.from({ length: Math.min(BATCH, count - done) }, (_, n) => entryNumber(done + n));
    transact(db, () => ledger.append(entries, db));
  }
}

/** The most that memory grew by. */
function megabyteFigure(name, growth, bound) {
  const most = Math.max(0, ...growth) / 2 ** 20;
  return timeFigure(name, [most], { unit: 'MiB', bound });
}

function open(file) {
  const db = openSqlite(file);
  const ledger = openLedger(db, { clock: systemClock, ids: createIds(systemClock), source: '/projects/bench' });
  return { db, ledger };
}
