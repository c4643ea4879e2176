import { mkdirSync } from 'node:fs';

/** Makes folders that nobody but the user can look into. Those that are there stay as they are. */
export function makePrivateFolders(folders: readonly string[]): void {
  for (const folder of folders) mkdirSync(folder, { recursive: true, mode: 0o700 });
}
