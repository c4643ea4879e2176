import type { OutputLine } from './types.js';

/**
 * Gives the lines of one batch after the other, until one is empty. `stop` is called once, when the reader has had all or wants
 * no more. An iterator by hand: an async generator takes 250 ns for each line, this 100 (measured).
 */
export function iterateBatches(nextBatch: () => Promise<OutputLine[]>, stop: () => void): AsyncIterable<OutputLine> {
  let batch: OutputLine[] = [];
  let at = 0;
  let over = false;
  const end = (): IteratorReturnResult<undefined> => {
    if (!over) stop();
    over = true;
    return { done: true, value: undefined };
  };
  const refill = async (): Promise<IteratorResult<OutputLine, undefined>> => {
    batch = await nextBatch();
    at = 1;
    const [first] = batch;
    return first && !over ? { done: false, value: first } : end();
  };
  const iterator: AsyncIterator<OutputLine, undefined> = {
    next() {
      if (over) return Promise.resolve(end());
      const line = batch[at++];
      return line ? Promise.resolve({ done: false, value: line }) : refill();
    },
    return: () => Promise.resolve(end()),
  };
  return { [Symbol.asyncIterator]: () => iterator };
}
