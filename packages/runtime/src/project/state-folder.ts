import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ProjectPaths } from './paths.js';

/** Makes the folder of this machine's state, out of git from the start: the signing key lies in it. */
export function createStateFolder(paths: ProjectPaths): void {
  const ignore = join(paths.state, '.gitignore');
  if (existsSync(ignore)) return;
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
  writeFileSync(ignore, '# Written by signalbox: the state of this machine stays out of git.\n*\n');
}
