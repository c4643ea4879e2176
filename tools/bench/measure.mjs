/** The middle of the values; of an even number of them the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Takes `reps` pairs of measures. What else the machine does then hits both alike: the two run right after one another, and
 * the one that goes first alternates. One pair before them warms up and is dropped.
 *
 * @param {number} reps
 * @param {() => number | Promise<number>} baseline
 * @param {() => number | Promise<number>} subject
 * @returns {Promise<{ baseline: number, subject: number }[]>}
 */
export async function measurePairs(reps, baseline, subject) {
  const pairs = [];
  for (let rep = -1; rep < reps; rep++) {
    const pair = {};
    const order = rep % 2 === 0 ? ['baseline', 'subject'] : ['subject', 'baseline'];
    for (const which of order) pair[which] = await (which === 'baseline' ? baseline : subject)();
    if (rep >= 0) pairs.push(pair);
  }
  return pairs;
}

/** Takes `reps` measures that have nothing to be compared with. One before them warms up and is dropped. */
export async function measureAlone(reps, subject) {
  const values = [];
  for (let rep = -1; rep < reps; rep++) {
    const value = await subject();
    if (rep >= 0) values.push(value);
  }
  return values;
}

/** Milliseconds that `work` takes. */
export async function timed(work) {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

/** Milliseconds that one of `count` synchronous rounds takes. */
export function timedEach(count, work) {
  const began = performance.now();
  for (let round = 0; round < count; round++) work(round);
  return (performance.now() - began) / count;
}

/** Milliseconds that one of `count` rounds takes, awaited one after the other. */
export async function timedEachAsync(count, work) {
  const began = performance.now();
  for (let round = 0; round < count; round++) await work(round);
  return (performance.now() - began) / count;
}
