import { isAbsolute, relative } from 'node:path';
import type { JournalEntry, JsonObject } from '@signalbox/kernel';
import { sandboxActual } from '../approvals/entries.js';
import type { Ruling } from '../door/door.js';

type Seen = { command: string; exit: number | null } | { changed: readonly string[] };

/** The second entry of each decision of an attempt: whether it was kept to, by what was seen afterwards. */
export interface DecisionOutcomes {
  add(ruling: Ruling): void;
  observe(seen: Seen): void;
  /** Those that have no entry yet. One that a person answered has. */
  entries(subject: string, workspace: string): JournalEntry[];
}

export function collectOutcomes(): DecisionOutcomes {
  const rulings: Ruling[] = [];
  const exits = new Map<string, number | null>();
  const changed = new Set<string>();
  return {
    add: (ruling) => void rulings.push(ruling),
    observe: (seen) => {
      if ('command' in seen) exits.set(seen.command, seen.exit);
      else for (const path of seen.changed) changed.add(path);
    },
    entries: (subject, workspace) =>
      rulings
        .splice(0)
        .filter(({ approval }) => approval === null)
        .map(({ decision, effect }) => {
          const { action, resource } = decision.request as Record<string, JsonObject>;
          const command = String(action?.['command'] ?? (action?.['argv'] as string[] | undefined)?.join(' ') ?? '');
          const path = String(resource?.['path'] ?? '');
          const inside = isAbsolute(path) ? relative(workspace, path) : path;
          // A refused write is seen to have happened all the same if the file has changed.
          const trespassed = effect !== 'allow' && action?.['name'] === 'file.write' && changed.has(inside);
          const data: JsonObject = {
            decision: decision.id,
            enforced: !trespassed,
            allowed: effect === 'allow',
            sandboxActual: sandboxActual(decision),
            exit: effect === 'allow' ? (exits.get(command) ?? null) : null,
            agrees: !trespassed,
          };
          return { kind: 'policy.outcome', actor: 'system', subject, data };
        }),
  };
}
