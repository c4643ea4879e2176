import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectPaths } from './paths.js';
import { readIfPresent } from './read-file.js';
import { openTrustStore } from './trust.js';

/** The project files that need the user's agreement before what they allow, or make happen, counts. Absolute. */
export function filesToTrust(paths: ProjectPaths): string[] {
  const folder = join(paths.ai, 'policy');
  const perAI = existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.yaml')) : [];
  return [paths.config, paths.policy, ...perAI.map((name) => join(folder, name))].filter((file) => existsSync(file));
}

/** Those of them that nobody has agreed to as they are now, relative to the root. */
export function untrustedFiles(paths: ProjectPaths): string[] {
  const trust = openTrustStore(paths.trust);
  return filesToTrust(paths)
    .filter((file) => !trust.isTrusted(file, readIfPresent(file) ?? ''))
    .map((file) => file.slice(paths.root.length + 1));
}
