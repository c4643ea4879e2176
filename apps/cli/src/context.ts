import { existsSync } from 'node:fs';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import { systemClock } from '@signalbox/kernel';
import {
  findHome,
  findOrphans,
  findRoot,
  noProject,
  openStore,
  type ProjectPaths,
  type ProjectStore,
  projectPaths,
  untrustedFiles,
} from '@signalbox/runtime/project';
import { usage } from './errors.js';
import type { CommonOptions, Io } from './io.js';
import { safeText } from './terminal/safe-text.js';

/** The places of the project that a command is about. Throws `NO_PROJECT` if it has not been initialised. */
export function findProject(io: Io, options: CommonOptions): ProjectPaths {
  const from = options.root === undefined ? io.cwd : resolve(io.cwd, options.root);
  if (!existsSync(from)) throw usage(`There is no folder ${from}.`, 'Name an existing one with --root.');
  const root = options.root === undefined ? findRoot(from) : from;
  const paths = projectPaths(root ?? from, findHome(io.environment));
  if (!existsSync(paths.config)) throw noProject(paths.root);
  const untrusted = untrustedFiles(paths);
  if (untrusted.length > 0) {
    const they = untrusted.length > 1 ? ['they are', 'they allow'] : ['it is', 'it allows'];
    const message = `PROJECT_UNTRUSTED: You have not agreed to ${untrusted.join(', ')} as ${they[0]}; what ${they[1]} does not count.`;
    io.stderr.write(`${safeText(message)} Look and agree with \`signalbox trust\`.\n`);
  }
  return paths;
}

/**
 * For commands that only look: opens the store, nothing else. A task whose executor has died is given back first, by the part
 * of the system that does that, so that nobody is shown work that nobody does.
 */
export async function withStore<T>(
  io: Io,
  options: CommonOptions,
  work: (store: ProjectStore) => Promise<T>,
): Promise<T> {
  const paths = findProject(io, options);
  const store = openStore(paths, systemClock);
  try {
    if ((await findOrphans(store, hostname())).length > 0) await recover(paths.root, io);
    return await work(store);
  } finally {
    store.close();
  }
}

async function recover(root: string, io: Io): Promise<void> {
  const { createSignalbox } = await import('./recover.js');
  const box = await createSignalbox({ root, environment: io.environment });
  await box.close();
}
