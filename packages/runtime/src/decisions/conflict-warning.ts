import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { digestOf } from '@signalbox/kernel';
import { summariseFindings } from '@signalbox/policy/findings';
import { presentSources } from '../door/policy-files.js';
import type { ProjectStore } from '../project/open-store.js';
import { aiPolicyFiles } from '../project/untrusted.js';
import { aisWithPolicy, checkConflicts } from './check-policy.js';

/** Raised when the analysis finds something else for the same files. */
const VERSION = 1;

/**
 * One line about rules that contradict, hide or undo each other, or null. The files are analysed when they have changed; what was
 * found is kept beside the state, since the analysis takes longer than most commands.
 */
export function conflictWarning(store: ProjectStore, path: string): string | null {
  const { paths } = store;
  const texts = [undefined, ...aisWithPolicy(store)].flatMap((ai) =>
    presentSources(paths, ai).map(({ scope, path: file, text, error = null }) => ({ scope, file, text, error })),
  );
  const { error: folder = null } = aiPolicyFiles(paths);
  const digest = digestOf({ version: VERSION, texts, folder, overrides: store.records.overrides.active() as never });
  const cache = join(paths.state, 'policy-check.json');
  const known = readCache(cache);
  if (known?.digest === digest) return known.warning;
  const warning = analyse(store, path);
  try {
    writeFileSync(cache, JSON.stringify({ digest, warning }));
  } catch {
    // A state that cannot be written to is told of by whatever has to write; this is only looked up again.
  }
  return warning;
}

function analyse(store: ProjectStore, path: string): string | null {
  try {
    return summariseFindings(checkConflicts(store, path));
  } catch {
    // A file that is not valid denies everything, and says so itself.
    return null;
  }
}

function readCache(file: string): { digest: string; warning: string | null } | null {
  try {
    const found = JSON.parse(readFileSync(file, 'utf8')) as { digest: string; warning: string | null };
    return typeof found.digest === 'string' ? found : null;
  } catch {
    return null;
  }
}
