import { fileURLToPath } from 'node:url';

/** How this program is started anew. */
export function ownProgram(): [string, string] {
  return [process.execPath, fileURLToPath(new URL('../bin/signalbox.js', import.meta.url))];
}
