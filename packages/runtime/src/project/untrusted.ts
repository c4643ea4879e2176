import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectPaths } from './paths.js';
import { type FoundText, findText, isThere, whyUnreadable } from './read-file.js';
import { openTrustStore } from './trust.js';

/** The folder of the policies of single AIs. */
function policyFolder(paths: ProjectPaths): string {
  return join(paths.ai, 'policy');
}

/** The policy files of single AIs that are there, absolute and in order; `error`: why nobody can tell, in a sentence. */
export function aiPolicyFiles(paths: ProjectPaths): { files: string[]; error?: string } {
  const folder = policyFolder(paths);
  if (!isThere(folder)) return { files: [] };
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith('.yaml'));
    return { files: names.sort().map((name) => join(folder, name)) };
  } catch (error) {
    const isFile = (error as NodeJS.ErrnoException).code === 'ENOTDIR';
    return { files: [], error: isFile ? 'It is a file, not a folder.' : whyUnreadable(error) };
  }
}

/**
 * The project files that need the user's agreement before what they allow, or make happen, counts. Absolute. A folder of
 * policies that cannot be read stands for what is in it.
 */
export function filesToTrust(paths: ProjectPaths): string[] {
  const { files, error } = aiPolicyFiles(paths);
  const perAI = error === undefined ? files : [policyFolder(paths)];
  return [paths.config, paths.policy, ...perAI].filter(isThere);
}

/** What one of those files says, if it can be read. */
export function readToTrust(paths: ProjectPaths, file: string): FoundText {
  if (file !== policyFolder(paths)) return findText(file);
  const { error } = aiPolicyFiles(paths);
  return { text: null, ...(error === undefined ? {} : { error }) };
}

/** Policy files that the user has agreed to and that are gone. Absolute. */
export function goneFiles(paths: ProjectPaths): string[] {
  const own = (file: string): boolean => file === paths.policy || file.startsWith(`${policyFolder(paths)}/`);
  return openTrustStore(paths.trust)
    .files()
    .filter((file) => own(file) && !isThere(file))
    .sort();
}

/** Those that nobody has agreed to as they are now, be it that they are gone. Relative to the root. */
export function untrustedFiles(paths: ProjectPaths): string[] {
  const trust = openTrustStore(paths.trust);
  const changed = filesToTrust(paths).filter((file) => {
    const { text } = readToTrust(paths, file);
    return text === null || !trust.isTrusted(file, text);
  });
  return [...changed, ...goneFiles(paths)].map((file) => file.slice(paths.root.length + 1));
}
