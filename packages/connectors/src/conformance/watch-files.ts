import { lstatSync, readdirSync } from 'node:fs';
import { join, relative } from 'node:path';

/** Every file below `folder` with its size and time of change; folders by name only. `except`: absolute, not looked into. */
export function filesBelow(folder: string, except: readonly string[] = []): Map<string, string> {
  const found = new Map<string, string>();
  const look = (at: string): void => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (except.includes(path)) continue;
      const { size, mtimeMs } = lstatSync(path);
      found.set(relative(folder, path), entry.isDirectory() ? 'folder' : `${size} ${mtimeMs}`);
      if (entry.isDirectory()) look(path);
    }
  };
  look(folder);
  return found;
}

/** Names that are new, gone or other than before. */
export function changesBetween(before: Map<string, string>, after: Map<string, string>): string[] {
  const changed = [...after].filter(([name, state]) => before.get(name) !== state).map(([name]) => name);
  return [...changed, ...[...before.keys()].filter((name) => !after.has(name))];
}

// What tools leave in the folder they are started in while a test runs.
const OF_TOOLS = new Set(['coverage', 'dist', 'node_modules', 'out-tsc', 'junit.xml']);

/** Names of what lies in our own working directory. */
export function namesInWorkingDirectory(): Set<string> {
  return new Set(readdirSync('.').filter((name) => !name.startsWith('.') && !OF_TOOLS.has(name)));
}
