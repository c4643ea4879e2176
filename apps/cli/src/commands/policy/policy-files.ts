import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { filesToTrust } from '@signalbox/runtime/project';
import { findProject } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { requireFile } from '../../named-file.js';

export interface PolicyFileText {
  scope: 'global' | 'project' | 'ai';
  /** As it is shown. */
  path: string;
  text: string;
}

/** The files that are named, or else those of the project and the user. */
export function readPolicyFiles(io: Io, named: readonly string[], options: CommonOptions): PolicyFileText[] {
  const files = named.length > 0 ? named.map((file) => resolve(io.cwd, file)) : projectFiles(io, options);
  return files.map((file) => {
    requireFile(file, 'Name a policy file that exists.');
    const text = readFileSync(file, 'utf8');
    return { scope: scopeOf(file, text), path: relative(io.cwd, file) || file, text };
  });
}

function projectFiles(io: Io, options: CommonOptions): string[] {
  const paths = findProject(io, options);
  const own = filesToTrust(paths).filter((file) => file !== paths.config);
  return existsSync(paths.globalPolicy) ? [paths.globalPolicy, ...own] : own;
}

/** By where a file lies; one that lies elsewhere is taken for what it says it is. */
export function scopeOf(file: string, text: string): PolicyFileText['scope'] {
  const folder = dirname(file);
  if (basename(folder) === 'policy' && basename(dirname(folder)) === '.ai') return 'ai';
  if (basename(folder) === '.ai') return 'project';
  const said = /^scope:\s*(global|project|ai)\b/m.exec(text)?.[1];
  return (said as PolicyFileText['scope'] | undefined) ?? 'project';
}
