/**
 * The supervisor: a program of its own that outlives the process which started it, by moments, and starts children for it.
 *
 * Its standard input is a pipe from that process. `watch <attempt>` and `done <attempt>` say which attempts have children,
 * `sweep` ends what carries one, `spawn` and `signal` start a child and signal its group (process/helper-protocol.ts). The pipe closes when the parent is
 * gone, however it went. It then starts nothing more, and if attempts are still watched, it kills every process that
 * carries one of them, until two sweeps in a row find none, and ends. It has its own session and ignores the signals that
 * end a terminal's programs. It uses nothing but Node, to be up in some 40 ms.
 */
import type { HelperAnswer } from './process/helper-protocol.js';
import { createHelperService } from './process/helper-service.js';
import { createLineSplitter } from './process/line-splitter.js';
import { sweep } from './process/sweep.js';

// 50 sweeps, 100 ms apart: about five seconds for a tree that keeps forking.
const SWEEP = { clean: 2, pauseMs: 100, rounds: 50 };

const parent = process.ppid;
const watched = new Set<string>();
const send = (answer: HelperAnswer): void => void process.stdout.write(`${JSON.stringify(answer)}\n`);
const helper = createHelperService(send);

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});
process.stdout.on('error', () => {}); // the parent is gone: its other pipe tells

function obey(line: string): void {
  const blank = line.indexOf(' ');
  const verb = line.slice(0, blank);
  const rest = line.slice(blank + 1);
  if (verb === 'watch') watched.add(rest);
  if (verb === 'done') watched.delete(rest);
  if (verb === 'sweep') void sweep(rest, { spare: parent }).then(() => send({ type: 'swept', attempt: rest }));
  if (verb === 'spawn') void helper.spawn(JSON.parse(rest));
  if (verb === 'signal') {
    const [id, name] = rest.split(' ');
    helper.signal(Number(id), name as NodeJS.Signals);
  }
}

const lines = createLineSplitter('out'); // not readline, for which U+2028 inside a JSON text ends a line
process.stdin
  .on('data', (chunk: Buffer) => {
    for (const { text } of lines.push(chunk)) obey(text);
  })
  .on('error', () => {}) // 'close' follows
  .on('close', () => {
    helper.end();
    void Promise.all([...watched].map((attempt) => sweep(attempt, SWEEP)));
  });
send({ type: 'ready' });
