// One process on a shared store, for sqlite.concurrency.test.ts. Arguments: the file and the time that its clock shows.
// Says `ready`, then obeys the lines of its standard input: `drain` does every task it can get, `hold` starts one and keeps it.
import { createInterface } from 'node:readline';
import { createIds } from '@signalbox/kernel';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { openSqliteTaskStore } from '../../dist/index.js';

const [file, now] = process.argv.slice(2);
const clock = { now: () => Number(now), monotonic: () => 0, after: () => () => {} };
const ids = createIds(clock);
const db = openSqlite(file);
db.exec('CREATE TABLE IF NOT EXISTS test_journal (seq INTEGER PRIMARY KEY, entry TEXT NOT NULL) STRICT');
const journal = {
  append: (entries, transaction) => {
    const insert = transaction.prepare('INSERT INTO test_journal (entry) VALUES (?)');
    for (const entry of entries) insert.run(JSON.stringify(entry));
  },
};
const store = openSqliteTaskStore(db, { clock, ids, journal });
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);
const holder = `system:${process.pid}`;

async function begin() {
  const entry = (outcome) =>
    outcome.status === 'claimed' ? [{ kind: 'claimed', actor: holder, subject: outcome.task.id, data: {} }] : [];
  const outcome = await store.claim({ holder, ttlMs: 60_000 }, entry);
  if (outcome.status !== 'claimed') return null;
  const ref = { task: outcome.task.id, lease: outcome.lease.id };
  await store.start(ref, { id: ids('att'), ai: null, data: {} }, () => []);
  return { ref, fence: outcome.lease.fence };
}

const commands = {
  async drain() {
    const tasks = [];
    for (let held = await begin(); held; held = await begin()) {
      const { status } = await store.settle(held.ref, { kind: 'done' }, {}, () => []);
      tasks.push({ id: held.ref.task, fence: held.fence, status });
    }
    say({ drained: tasks });
    db.close();
    process.exit(0);
  },
  async hold() {
    const held = await begin();
    say({ held: held.ref.task });
  },
};

createInterface({ input: process.stdin }).on('line', (command) => commands[command]());
say('ready');
