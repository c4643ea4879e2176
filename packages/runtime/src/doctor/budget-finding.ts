import type { Clock } from '@signalbox/kernel';
import { readConfig } from '../project/config.js';
import type { ProjectPaths } from '../project/paths.js';
import { askStore } from './ask-store.js';
import type { Finding } from './examine.js';

/** Budgets of AIs that nobody has registered limit nothing, and a name may be misspelt. Null where there is nothing to say. */
export async function budgetFinding(paths: ProjectPaths, clock: Clock): Promise<Finding | null> {
  const named = namedAIs(paths);
  if (named.length === 0) return null;
  const known = await askStore(paths, clock, async ({ ais }) => new Set((await ais.list()).map(({ id }) => id)));
  const unknown = known === null ? [] : named.filter((id) => !known.has(id));
  if (unknown.length === 0) return null;
  const text = `budgets.ais names ${unknown.join(', ')}, and no such AI is registered, so that limits nothing`;
  return { name: 'budgets', state: 'warn', text, hint: 'Correct the name, or register it: `signalbox ai list`.' };
}

/** None also where the file cannot be read: another finding says so. */
function namedAIs(paths: ProjectPaths): string[] {
  try {
    return Object.keys(readConfig(paths).budgets.ais ?? {});
  } catch {
    return [];
  }
}
