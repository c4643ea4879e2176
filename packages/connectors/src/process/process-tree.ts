import type { Clock } from '@signalbox/kernel';
import type { StartedChild } from './start-child.js';
import type { ExitStatus, RunningProcess } from './types.js';

/**
 * How a tree ends: SIGINT lets an agent end its own tools (measured: claude ends the shells it runs on SIGINT and leaves them
 * as orphans on SIGTERM), SIGTERM asks once more, SIGKILL to the group ends what is left of it, and the sweep the rest.
 */
const LADDER = ['SIGINT', 'SIGTERM'] as const;

/** Milliseconds between two steps of the ladder. */
export const STOP_GRACE_MS = 2000;

/** A child's end and how to bring it about. */
export type ProcessTree = Pick<RunningProcess, 'exited' | 'gone' | 'stop'>;

interface TreeOptions {
  clock: Clock;
  graceMs: number;
  /** Ends what has left the group. Called once, after the child's exit. */
  sweep: () => Promise<void>;
}

/** Watches a child that leads its own group: its exit is the end of its whole tree. */
export function watchTree(child: StartedChild, options: TreeOptions): ProcessTree {
  const { clock, graceMs, sweep } = options;
  let reasonToStop: string | null = null;
  let ended = false;
  const exited = child.ended.then(({ code, signal, lost }): ExitStatus => {
    ended = true;
    return { code, signal, stopped: reasonToStop ?? lost ?? null };
  });
  const gone = exited.then(sweep);

  const descend = async (): Promise<void> => {
    for (const signal of LADDER) {
      child.signal(signal);
      await firstOf(exited, clock, graceMs);
      if (ended) break;
    }
    if (!ended) child.signal('SIGKILL');
    await gone;
  };
  return {
    exited,
    gone,
    stop(reason) {
      if (ended || reasonToStop !== null) return gone;
      reasonToStop = reason;
      return descend();
    },
  };
}

function firstOf(event: Promise<unknown>, clock: Clock, ms: number): Promise<void> {
  return new Promise((resolve) => {
    const cancel = clock.after(ms, resolve);
    void event.then(() => {
      cancel();
      resolve();
    });
  });
}
