import { fileURLToPath } from 'node:url';

/** The absolute path of a stand-in in the folder `agents`. */
export function standIn(name: 'claude' | 'codex' | 'plain'): string {
  return fileURLToPath(new URL(`agents/${name}-agent.mjs`, import.meta.url));
}
