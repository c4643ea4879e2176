import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { resumeRestore } from '@signalbox/audit';
import type { ProjectPaths } from './paths.js';

/**
 * Makes the folder of this machine's state, out of git from the start: the signing key lies in it. If a restore was killed
 * while it changed places, it is ended first. Throws audit's `RESTORE_INTERRUPTED` if somebody has to say which state counts.
 */
export function createStateFolder(paths: ProjectPaths): void {
  const ignore = join(paths.state, '.gitignore');
  if (existsSync(ignore)) return;
  resumeRestore(paths.state);
  mkdirSync(paths.state, { recursive: true, mode: 0o700 });
  writeFileSync(ignore, '# Written by signalbox: the state of this machine stays out of git.\n*\n');
}
