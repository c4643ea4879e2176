/**
 * The supervisor: a program of its own that outlives the process which started it, by moments.
 *
 * Its standard input is a pipe from that process. `watch <attempt>` and `done <attempt>` say which attempts have children.
 * The pipe closes when the parent is gone, however it went. If attempts are still watched then, the supervisor kills every
 * process that carries one of them, until two sweeps in a row find none, and ends. It has its own session and ignores the
 * signals that end a terminal's programs. It uses nothing but Node, to be up in some 40 ms.
 */
import { createInterface } from 'node:readline';
import { sweep } from './process/sweep.js';

// 50 sweeps, 100 ms apart: about five seconds for a tree that keeps forking.
const SWEEP = { clean: 2, pauseMs: 100, rounds: 50 };

const watched = new Set<string>();

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {});

createInterface({ input: process.stdin })
  .on('line', (line) => {
    const [verb, attempt] = line.split(' ');
    if (!attempt) return;
    if (verb === 'watch') watched.add(attempt);
    if (verb === 'done') watched.delete(attempt);
  })
  .on('close', () => {
    void Promise.all([...watched].map((attempt) => sweep(attempt, SWEEP)));
  });
