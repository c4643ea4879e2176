import type { SpawnHelper } from './helper-client.js';
import { type StartChild, startChild } from './start-child.js';

/** Who starts children: `auto` means the helper once this process is large. */
export type HelperUse = 'auto' | 'always' | 'never';

// Bytes of resident memory. A fork takes some 40 µs for each MB, all of it with the event loop blocked; by the helper, a
// process of 45 MB, a start takes what a fork takes at 85 (measured, Linux 6.18, 2 cores: 2.9 ms at 67 MB, 37 ms at 1 GB, by
// the helper 3.3 ms at any size).
const LARGE = 96 * 2 ** 20;
// Until the helper is up, about 40 ms, which is what forking from 800 MB takes.
const WORTH_WAITING = 800 * 2 ** 20;

/** Whether the helper is to start the next child of a process of `rss` bytes. */
export function usesHelper(use: HelperUse, rss: number, helperIsUp: boolean): boolean {
  if (use !== 'auto') return use === 'always';
  return rss > (helperIsUp ? LARGE : WORTH_WAITING);
}

/** Starts each child the cheaper way. `rss` tells the resident memory in bytes. */
export function startCheaply(
  use: HelperUse,
  helper: SpawnHelper,
  helperIsUp: () => boolean,
  rss: () => number,
): StartChild {
  return (argv, options) => (usesHelper(use, rss(), helperIsUp()) ? helper.start : startChild)(argv, options);
}
