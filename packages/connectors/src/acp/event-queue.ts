import type { AgentEvent } from '../contract.js';

export interface EventQueue {
  push(events: readonly AgentEvent[]): void;
  /** Resolves when all that was pushed is taken, or nobody reads any longer: an agent that floods is slowed, not stored. */
  whenTaken(): Promise<void>;
  /** No more will come; those that are here are still read. */
  end(): void;
  /** Nobody reads any longer. */
  close(): void;
  read(): AsyncGenerator<AgentEvent>;
}

/** Carries the events of several sources, in the order in which they come, to one reader. */
export function createEventQueue(): EventQueue {
  let waiting: AgentEvent[] = [];
  let state: 'open' | 'ended' | 'closed' = 'open';
  let wakeReader = (): void => {};
  let wakeWriter = (): void => {};
  return {
    push(events) {
      if (state === 'closed' || events.length === 0) return;
      waiting.push(...events);
      wakeReader();
    },
    async whenTaken() {
      while (waiting.length > 0 && state !== 'closed') {
        await new Promise<void>((resolve) => {
          wakeWriter = resolve;
        });
      }
    },
    end() {
      if (state === 'open') state = 'ended';
      wakeReader();
    },
    close() {
      state = 'closed';
      waiting = [];
      wakeWriter();
    },
    async *read() {
      while (state !== 'closed') {
        const batch = waiting;
        waiting = [];
        wakeWriter();
        yield* batch;
        if (waiting.length > 0) continue;
        if (state !== 'open') return;
        await new Promise<void>((resolve) => {
          wakeReader = resolve;
        });
      }
    },
  };
}
