import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { openLedger, verifyStoredLedger } from '@signalbox/audit';
import { createIds, systemClock } from '@signalbox/kernel';
import { openSqlite, transact } from '@signalbox/kernel/sqlite';
import { rateRatioFigure } from '../figures.mjs';
import { measurePairs, timedEach } from '../measure.mjs';
import { quickly } from '../quickly.mjs';

const APPENDS = 200;
const ENTRIES = 20_000;
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
    const full = await measureAppends(reps, join(folder, 'full'), 'FULL');
    const normal = await measureAppends(reps, join(folder, 'normal'), 'NORMAL');
    say(`verifying ${ENTRIES.toLocaleString('en-US')} entries …`);
    const verified = await measureVerification(reps, join(folder, 'verify'));
    return [
      rateRatioFigure('append', full, { what }),
      rateRatioFigure('append, without the sync of each commit', normal, { what }),
      rateRatioFigure('verify', verified, { what }),
    ];
  },
};

async function measureAppends(reps, prefix, synchronous) {
  const raw = openSqlite(`${prefix}-raw.db`);
  const { db, ledger } = open(`${prefix}-ledger.db`);
  try {
    raw.exec('CREATE TABLE line (seq INTEGER PRIMARY KEY, line TEXT NOT NULL) STRICT');
    const insert = raw.prepare('INSERT INTO line (line) VALUES (?)');
    transact(db, () => ledger.append([entryNumber(0)], db));
    const [, { line }] = [...ledger.lines()];
    for (const each of [raw, db]) each.exec(`PRAGMA synchronous = ${synchronous}`);
    return await measurePairs(
      reps,
      () => timedEach(APPENDS, () => transact(raw, () => insert.run(line))),
      () => timedEach(APPENDS, (n) => transact(db, () => ledger.append([entryNumber(n)], db))),
    );
  } finally {
    raw.close();
    db.close();
  }
}

async function measureVerification(reps, prefix) {
  const { db, ledger } = open(`${prefix}-ledger.db`);
  try {
    await quickly(db, () => {
      const entries = Array.from({ length: ENTRIES - 1 }, (_, n) => entryNumber(n));
      transact(db, () => ledger.append(entries, db));
    });
    const lines = [...ledger.lines()].map(({ line }) => line);
    const perEntry = async (work) => (await timedEach(1, work)) / ENTRIES;
    return await measurePairs(
      reps,
      () => perEntry(() => lines.forEach((line) => void createHash('sha256').update(line).digest())),
      () =>
        perEntry(() => {
          const { integrity, entries } = verifyStoredLedger(db);
          if (!integrity || entries !== ENTRIES) throw new Error('the ledger was not found sound');
        }),
    );
  } finally {
    db.close();
  }
}

function open(file) {
  const db = openSqlite(file);
  const ledger = openLedger(db, { clock: systemClock, ids: createIds(systemClock), source: '/projects/bench' });
  return { db, ledger };
}
