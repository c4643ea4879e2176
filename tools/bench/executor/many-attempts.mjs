// Runs tasks one after the other in one process and tells how much memory it has in use: `node --expose-gc many-attempts.mjs
// <root> <number of attempts> <after which to tell, separated by commas>`, the environment of the project in its own.
import { createSignalbox, createTask, executeTask, registerAI } from '@signalbox/runtime';

const [root, count, stops] = process.argv.slice(2);
// Garbage that V8 has not got round to is no growth, but is resident.
const COLLECT_EVERY = 100;
const wanted = new Set(stops.split(',').map(Number));
const box = await createSignalbox({ root, environment: process.env });
await registerAI(box.executor, box.actor, { id: 'shell', connector: 'command' });
for (let n = 1; n <= Number(count); n++) {
  const { id } = await createTask(box.tasks, box.door, box.actor, { title: `Nothing ${n}`, run: { argv: ['true'] } });
  const { task } = await executeTask(box.executor, { actor: box.actor, task: id, workspace: 'in-place' });
  if (task.status !== 'done') throw new Error(`the task ended ${task.status}: ${task.failure?.message}`);
  if (n % COLLECT_EVERY !== 0) continue;
  // Twice, with a turn between: what a finaliser lets go is collected as well.
  for (let round = 0; round < 2; round++) {
    globalThis.gc();
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!wanted.has(n)) continue;
  const { rss, heapUsed, external } = process.memoryUsage();
  console.log(JSON.stringify({ attempts: n, rss, heap: heapUsed + external }));
}
await box.close();
