import type { Clock } from '@signalbox/kernel';
import { openStore, type ProjectStore } from '../project/open-store.js';
import type { ProjectPaths } from '../project/paths.js';

/** Asks the store for something; null where it cannot be opened or read, since that is a finding of its own. */
export async function askStore<T>(
  paths: ProjectPaths,
  clock: Clock,
  ask: (store: ProjectStore) => T | Promise<T>,
): Promise<T | null> {
  try {
    const store = openStore(paths, clock);
    try {
      return await ask(store);
    } finally {
      store.close();
    }
  } catch {
    return null;
  }
}
