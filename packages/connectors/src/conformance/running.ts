import { sleep, systemClock } from '@signalbox/kernel';
import type { AgentEvent } from '../contract.js';
import { must, show, violation } from './violation.js';

export type Result = Extract<AgentEvent, { type: 'result' }>;

/** A run that is being consumed. */
export interface Running {
  readonly events: readonly AgentEvent[];
  /** What the run threw; undefined while it has not. */
  thrown(): { error: unknown } | undefined;
  isOver(): boolean;
  /** Takes no further event until `release`, after which nothing pauses it any more. */
  pause(): void;
  release(): void;
  /** Resolves with the first event that fits. Throws a violation when the run ends without, or patience does. */
  event(fits: (event: AgentEvent) => boolean, what: string): Promise<AgentEvent>;
  /** Resolves when the iteration has ended, whatever way. Throws a violation when patience ends before. */
  over(): Promise<void>;
  /** Waits for the end and gives the first result. Throws a violation for a run that throws or has none. */
  result(): Promise<Result>;
}

export interface FollowOptions {
  patienceMs: number;
  /** Leave the iteration at this event, as a `break` in a loop does. */
  leaveAt?: (event: AgentEvent) => boolean;
  onEvent?: (event: AgentEvent) => void;
  /** False: of the events only results are kept. Default: true. */
  keep?: boolean;
}

/** Consumes a run. */
export function follow(open: () => AsyncIterable<AgentEvent>, options: FollowOptions): Running {
  const { patienceMs, leaveAt = () => false, onEvent, keep = true } = options;
  const events: AgentEvent[] = [];
  let thrown: { error: unknown } | undefined;
  let isOver = false;
  let paused = false;
  let isReleased = false;
  const patience = `${patienceMs / 1000} s`;

  const consume = async (): Promise<void> => {
    try {
      for await (const event of open()) {
        if (keep || event.type === 'result') events.push(event);
        onEvent?.(event);
        if (leaveAt(event)) break;
        while (paused && !isReleased) await sleep(systemClock, 1);
      }
    } catch (error) {
      thrown = { error };
    }
    isOver = true;
  };
  void consume();

  const over = async (): Promise<void> => {
    await until(() => isOver, patienceMs);
    must(
      isOver,
      `The run did not end within ${patience}.`,
      'End `run` when the agent has ended, a limit has passed or `io.signal` is aborted; await nothing without an end.',
    );
  };
  return {
    events,
    thrown: () => thrown,
    isOver: () => isOver,
    pause: () => {
      paused = true;
    },
    release: () => {
      isReleased = true;
    },
    async event(fits, what) {
      let seen = 0;
      let found: AgentEvent | undefined;
      const look = (): boolean => {
        while (!found && seen < events.length) {
          const event = events[seen++] as AgentEvent;
          if (fits(event)) found = event;
        }
        return found !== undefined;
      };
      await until(() => look() || isOver, patienceMs);
      if (found) return found;
      const how = thrown ? `threw ${show(thrown.error)}` : isOver ? 'ended' : `went on for ${patience}`;
      throw violation(
        `The run ${how} without ${what}.`,
        'Yield events as soon as the agent tells what they are about.',
      );
    },
    over,
    async result() {
      await over();
      must(
        thrown === undefined,
        `The run threw ${show(thrown?.error)}.`,
        'What goes wrong with an agent is a value: yield a result with a failure.',
      );
      const result = events.find((event) => event.type === 'result');
      must(
        result !== undefined,
        'The run ended without a result.',
        'Yield one event `result`, whatever way the run ends.',
      );
      return result;
    },
  };
}

/** Waits in real time until `holds`, or `ms` have passed. Returns whether it holds. */
export async function until(holds: () => boolean, ms: number): Promise<boolean> {
  const end = systemClock.monotonic() + ms;
  while (!holds()) {
    if (systemClock.monotonic() > end) return false;
    await sleep(systemClock, 2);
  }
  return true;
}

/** Resolves like `work`, or throws a violation when it takes longer than `ms`. */
export async function within<T>(work: Promise<T>, ms: number, what: string, hint: string): Promise<T> {
  let isSettled = false;
  const settle = (): void => {
    isSettled = true;
  };
  work.then(settle, settle);
  await until(() => isSettled, ms);
  must(isSettled, what, hint);
  return work;
}
