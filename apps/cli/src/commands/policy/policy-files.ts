import { readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { filesToTrust, findText, readToTrust, whyUnreadable } from '@signalbox/runtime/project';
import { findProject } from '../../context.js';
import { CliError, usage } from '../../errors.js';
import { type CommonOptions, type Io, readAll } from '../../io.js';
import { requireFile } from '../../named-file.js';

export interface PolicyFileText {
  scope: 'global' | 'project' | 'ai';
  /** As it is shown. */
  path: string;
  /** `null`: it is there and cannot be read; `error` says why. */
  text: string | null;
  error?: string;
}

/** The files that are named, `-` for standard input, or else those of the project and the user. */
export async function readPolicyFiles(
  io: Io,
  named: readonly string[],
  options: CommonOptions,
): Promise<PolicyFileText[]> {
  if (named.length === 0) return projectFiles(io, options);
  if (named.filter((file) => file === '-').length > 1) {
    throw usage('Standard input is named twice.', 'It can be read once; name the other file.');
  }
  const files: PolicyFileText[] = [];
  for (const file of named) files.push(await readNamedFile(io, file));
  return files;
}

/** One file that is named, or standard input. Throws for a file that is not there and for a folder. */
export async function readNamedFile(io: Io, name: string): Promise<PolicyFileText> {
  if (name === '-') {
    const text = await readAll(io.stdin);
    return { scope: scopeSaid(text), path: 'standard input', text };
  }
  const file = resolve(io.cwd, name);
  const path = relative(io.cwd, file) || file;
  try {
    requireFile(file, 'Name a policy file that exists.');
    const text = readFileSync(file, 'utf8');
    return { scope: scopeOf(file, text), path, text };
  } catch (error) {
    if (error instanceof CliError) throw error;
    return { scope: scopeOf(file, ''), path, text: null, error: whyUnreadable(error) };
  }
}

function projectFiles(io: Io, options: CommonOptions): PolicyFileText[] {
  const paths = findProject(io, options);
  const own = filesToTrust(paths).filter((file) => file !== paths.config);
  const found = own.map((file) => ({ file, ...readToTrust(paths, file) }));
  return [{ file: paths.globalPolicy, ...findText(paths.globalPolicy) }, ...found]
    .filter(({ text, error }) => text !== null || error !== undefined)
    .map(({ file, text, ...rest }) => {
      const scope = file === paths.globalPolicy ? 'global' : scopeOf(file, text ?? '');
      return { scope, path: relative(io.cwd, file), text, ...rest };
    });
}

/** By where a file lies; one that lies elsewhere is taken for what it says it is. */
function scopeOf(file: string, text: string): PolicyFileText['scope'] {
  const folder = dirname(file);
  if (basename(folder) === 'policy' && basename(dirname(folder)) === '.ai') return 'ai';
  return basename(folder) === '.ai' ? 'project' : scopeSaid(text);
}

function scopeSaid(text: string): PolicyFileText['scope'] {
  const said = /^scope:\s*(global|project|ai)\b/m.exec(text)?.[1];
  return (said as PolicyFileText['scope'] | undefined) ?? 'project';
}
