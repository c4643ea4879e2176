/** Which attempts have children now, and how the end of the last child is followed by a sweep. */
export interface LiveMarkers {
  /** Counts a child that is about to start. Waits while the attempt is being swept, which would hit the new child too. */
  enter(attempt: string): Promise<void>;
  /** Counts a child as ended; sweeps when it was the last of its attempt. Resolves when the sweep is over. */
  leave(attempt: string): Promise<void>;
}

interface Watcher {
  watch(attempt: string): void;
  done(attempt: string): void;
}

export function createLiveMarkers(watcher: Watcher, sweep: (attempt: string) => Promise<unknown>): LiveMarkers {
  const counts = new Map<string, number>();
  const sweeping = new Map<string, Promise<unknown>>();
  return {
    async enter(attempt) {
      for (let busy = sweeping.get(attempt); busy; busy = sweeping.get(attempt)) await busy;
      const count = counts.get(attempt) ?? 0;
      counts.set(attempt, count + 1);
      if (count === 0) watcher.watch(attempt);
    },
    async leave(attempt) {
      const count = (counts.get(attempt) ?? 0) - 1;
      if (count > 0) {
        counts.set(attempt, count);
        return;
      }
      counts.delete(attempt);
      const busy = sweep(attempt);
      sweeping.set(attempt, busy);
      await busy;
      sweeping.delete(attempt);
      watcher.done(attempt);
    },
  };
}
