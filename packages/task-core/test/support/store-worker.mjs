// One process of several on a store, for processes.*.test.ts. Arguments: `sqlite` or `file`, its path, and by how many
// milliseconds its clock is wrong. Says `ready`, then obeys the lines of its standard input, and answers each with a line.
import { createInterface } from 'node:readline';
import { createIds } from '@signalbox/kernel';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { openFileTaskStore, openSqliteTaskStore } from '../../dist/index.js';

const [kind, path, offset] = process.argv.slice(2);
const clock = {
  now: () => Date.now() + Number(offset),
  monotonic: () => performance.now(),
  after(delayMs, callback) {
    const timer = setTimeout(callback, delayMs);
    return () => clearTimeout(timer);
  },
};
const ids = createIds(clock);
const holder = `system:${process.pid}`;
const TTL = 1_000;
const say = (message) => process.stdout.write(`${JSON.stringify(message)}\n`);

function openOnSqlite() {
  const db = openSqlite(path);
  const journal = {
    append(entries, transaction) {
      const insert = transaction.prepare('INSERT INTO test_journal (entry) VALUES (?)');
      for (const entry of entries) insert.run(JSON.stringify(entry));
    },
  };
  return { ...openSqliteTaskStore(db, { clock, ids, journal }), close: async () => db.close() };
}

const openStore = () =>
  kind === 'sqlite' ? openOnSqlite() : openFileTaskStore(path, { clock, ids, waitMs: 60_000, compactAt: 20_000 });

let store;
let held;
let stopping = false;

async function claim() {
  const entry = ({ status, task, lease }) =>
    status === 'claimed' ? [{ kind: 'claimed', actor: holder, subject: task.id, data: { fence: lease.fence } }] : [];
  const outcome = await store.claim({ holder, ttlMs: TTL, start: { ai: null, data: {} } }, entry);
  if (outcome.status !== 'claimed') return null;
  return { ref: { task: outcome.task.id, lease: outcome.lease.id }, fence: outcome.lease.fence };
}

async function finish({ ref, fence }) {
  const entry = ({ status, task }) =>
    status === 'settled' ? [{ kind: 'done', actor: holder, subject: task.id, data: { fence } }] : [];
  return (await store.settle(ref, { kind: 'done' }, {}, entry)).status;
}

const commands = {
  /** Does what it can get until there is nothing more, or `count` tasks. */
  async work(count = Number.POSITIVE_INFINITY) {
    let done = 0;
    while (done < count && !stopping) {
      const next = await claim();
      if (!next) break;
      if ((await finish(next)) === 'settled') done += 1;
    }
    return { done };
  },
  /** Works, and looks again when there is nothing, until it is told to stop. */
  async keepOn() {
    let done = 0;
    while (!stopping) {
      done += (await commands.work()).done;
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    return { done };
  },
  async hold() {
    held = await claim();
    return { task: held?.ref.task ?? null, fence: held?.fence ?? null };
  },
  async settle() {
    return { status: await finish(held) };
  },
  async beat() {
    return { status: (await store.heartbeat(held.ref, () => [])).status };
  },
  async open() {
    store = await openStore();
    return 'open';
  },
  async close() {
    await store.close();
    return 'closed';
  },
  /** Opens, works a little and closes, so often. */
  async visit(times) {
    let done = 0;
    for (let n = 0; n < times; n++) {
      store = await openStore();
      done += (await commands.work(3)).done;
      await store.close();
    }
    return { done };
  },
};

createInterface({ input: process.stdin }).on('line', async (line) => {
  const [command, ...args] = JSON.parse(line);
  if (command === 'stop') stopping = true;
  else say(await commands[command](...args));
});
if (kind === 'sqlite') await commands.open();
say('ready');
