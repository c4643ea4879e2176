/** Lets one at a time do something, in the order in which they came. */
export interface Turns {
  /** Resolves when it is the caller's turn, to what ends the turn. Ending it twice is harmless. */
  take(): Promise<() => void>;
}

export function createTurns(): Turns {
  let last: Promise<void> = Promise.resolve();
  return {
    async take() {
      const before = last;
      let end = (): void => {};
      last = new Promise<void>((resolve) => {
        end = resolve;
      });
      await before;
      return () => end();
    },
  };
}

/** Does `work` when it is its turn. */
export async function inTurn<T>(turns: Turns, work: () => Promise<T>): Promise<T> {
  const end = await turns.take();
  try {
    return await work();
  } finally {
    end();
  }
}
