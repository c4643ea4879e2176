import type { Readable } from 'node:stream';
import { closeDrained } from './drained-pipes.js';
import { iterateBatches } from './line-batches.js';
import { createLineSplitter } from './line-splitter.js';
import type { OutputLine } from './types.js';

// Characters that may wait for the reader before the child is made to wait.
const HIGH_WATER = 4 * 1024 * 1024;
// What a line takes beside its characters, or a flood of empty lines would count for nothing.
const LINE_OVERHEAD = 64;

export interface LineQueue {
  lines(): AsyncIterable<OutputLine>;
  /** Call when the child's tree is gone: the lines then end with what is in the pipes. */
  finish(): void;
}

interface Source {
  stream: 'out' | 'err';
  pipe: Readable;
}

/** Merges the lines of several pipes, holding the pipes back while the reader lags. */
export function createLineQueue(sources: readonly Source[]): LineQueue {
  const pipes = sources.map((source) => source.pipe);
  let waiting: OutputLine[] = [];
  let size = 0;
  let open = sources.length;
  let discard = false;
  let wake: () => void = () => {};
  let hold: { over: Promise<void>; end: () => void } | null = null;

  const add = (lines: OutputLine[]): void => {
    if (discard) return;
    for (const line of lines) {
      waiting.push(line);
      size += line.text.length + LINE_OVERHEAD;
    }
    if (size > HIGH_WATER && !hold) {
      const { promise, resolve } = deferred();
      hold = { over: promise, end: resolve };
      for (const pipe of pipes) pipe.pause();
    }
    wake();
  };
  const takeAll = (): OutputLine[] => {
    const batch = waiting;
    waiting = [];
    size = 0;
    if (hold) for (const pipe of pipes) pipe.resume();
    hold?.end();
    hold = null;
    return batch;
  };
  for (const { stream, pipe } of sources) {
    const splitter = createLineSplitter(stream);
    pipe.on('data', (chunk: Buffer) => add(splitter.push(chunk)));
    pipe.on('error', () => {}); // 'close' follows, and a child's end is told by its exit
    const end = (): void => {
      open--;
      add(splitter.end());
    };
    if (pipe.closed) end();
    else pipe.once('close', end);
  }

  const nextBatch = async (): Promise<OutputLine[]> => {
    while (waiting.length === 0 && open > 0) {
      const { promise, resolve } = deferred();
      wake = resolve;
      await promise;
    }
    return takeAll();
  };
  const stop = (): void => {
    discard = true;
    takeAll();
  };
  return {
    lines: () => iterateBatches(nextBatch, stop),
    finish: () => void closeDrained(pipes, () => hold?.over ?? null),
  };
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => {};
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}
