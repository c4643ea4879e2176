// A process of a given size that starts children when told to: `node parent.mjs <MB of ballast>`, with an IPC channel.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createProcessRunner } from '@signalbox/connectors';
import { systemClock } from '@signalbox/kernel';

const ballast = Buffer.alloc(Number(process.argv[2]) * 2 ** 20, 1);
const runner = createProcessRunner({ clock: systemClock });
const stdio = ['ignore', 'pipe', 'pipe'];
let number = 0;

const starts = {
  async bare() {
    const child = spawn('/bin/true', [], { stdio, detached: true });
    await once(child, 'exit');
    return async () => {};
  },
  async runner() {
    const child = await runner.spawn({
      argv: ['/bin/true'],
      cwd: '/',
      environment: { PATH: '/usr/bin:/bin' },
      marker: { attempt: `att_bench-${process.pid}-${++number}`, ai: 'bench' },
      stdin: 'ignore',
    });
    await child.exited;
    return () => child.gone;
  },
};

/** The longest time between two turns of the event loop until `work` is over. */
async function longestBlock(start) {
  let longest = 0;
  let last = performance.now();
  let isOver = false;
  const tick = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (!isOver) setImmediate(tick);
  };
  setImmediate(tick);
  const settle = await start();
  isOver = true;
  return { value: longest, settle };
}

async function duration(start) {
  const began = performance.now();
  const settle = await start();
  return { value: performance.now() - began, settle };
}

process.on('message', async ({ how, what }) => {
  const { value, settle } = await (what === 'blocked' ? longestBlock : duration)(starts[how]);
  await settle();
  process.send({ value, rss: process.memoryUsage.rss() });
});
process.on('disconnect', () => {
  ballast.fill(0); // in use until the end
  void runner.close();
});
process.send('up');
