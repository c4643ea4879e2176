import type { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

// Turns of the event loop without a byte that prove a pipe empty once its writers are gone: each turn reads what is ready.
const SILENT_TURNS = 5;

/**
 * Reads what is left in the pipes of a tree that is gone, then closes them. They end by themselves, unless a process that
 * we could not sweep (it hid the marker and left the group) still holds them: nobody waits for that one.
 *
 * `paused` gives a promise while the reader holds the pipes back, else null.
 */
export async function closeDrained(
  pipes: readonly Readable[],
  paused: () => Promise<void> | null = () => null,
): Promise<void> {
  let received = 0;
  const count = (): void => {
    received++;
  };
  for (const pipe of pipes) pipe.on('data', count);
  for (let silent = 0; silent < SILENT_TURNS && pipes.some((pipe) => !pipe.closed); ) {
    const seen = received;
    const hold = paused();
    await (hold ?? turn());
    silent = hold || received !== seen ? 0 : silent + 1;
  }
  for (const pipe of pipes) pipe.destroy();
}
