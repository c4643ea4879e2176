import type { Readable } from 'node:stream';
import type { Clock } from '@signalbox/kernel';
import { closeDrained } from './drained-pipes.js';
import type { OpenChild } from './open-child.js';
import type { StartedChild } from './start-child.js';
import { createTail, type Tail } from './tail.js';
import type { RunOptions, RunResult } from './types.js';

const MAX_OUTPUT_BYTES = 10 * 1024 * 1024;

/** Runs a command to the end of its tree and keeps the tail of its output. */
export async function runToEnd(open: OpenChild, clock: Clock, options: RunOptions): Promise<RunResult> {
  const begun = clock.monotonic();
  const child = await open(options, [options.input === undefined ? 'ignore' : 'pipe', 'pipe', 'pipe']);
  const { tree } = child;
  const limit = options.maxOutputBytes ?? MAX_OUTPUT_BYTES;
  const output = collect(child, limit);
  child.stdin?.on('error', () => {}); // a command need not read its input
  child.stdin?.end(options.input);

  let late = false;
  const cancelTimer = clock.after(options.timeoutMs, () => {
    late = true;
    void tree.stop('The time limit was reached.');
  });
  const abort = (): void => void tree.stop('The caller stopped it.');
  options.signal?.addEventListener('abort', abort, { once: true });
  if (options.signal?.aborted) abort();

  const { code, signal, stopped } = await tree.exited;
  cancelTimer();
  options.signal?.removeEventListener('abort', abort);
  await tree.gone;
  await closeDrained(output.pipes);
  return {
    code,
    signal,
    stdout: output.stdout.bytes(),
    stderr: output.stderr.bytes(),
    dropped: { stdout: output.stdout.dropped(), stderr: output.stderr.dropped() },
    timedOut: stopped !== null && late,
    aborted: stopped !== null && !late,
    durationMs: clock.monotonic() - begun,
  };
}

function collect(child: StartedChild, limit: number): { pipes: Readable[]; stdout: Tail; stderr: Tail } {
  const [stdout, stderr] = [createTail(limit), createTail(limit)];
  const pipes: Readable[] = [];
  for (const [pipe, tail] of [
    [child.stdout, stdout],
    [child.stderr, stderr],
  ] as const) {
    pipe?.on('data', (chunk: Buffer) => tail.push(chunk));
    pipe?.on('error', () => {}); // the exit tells
    if (pipe) pipes.push(pipe);
  }
  return { pipes, stdout, stderr };
}
