import { existsSync, readFileSync } from 'node:fs';
import { basename, dirname, relative, resolve } from 'node:path';
import { checkPolicy, type PolicyProblem } from '@signalbox/runtime';
import { filesToTrust } from '@signalbox/runtime/project';
import { findProject } from '../../context.js';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { requireFile } from '../../named-file.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';

export async function validate(io: Io, named: readonly string[], options: CommonOptions): Promise<number> {
  const files = named.length > 0 ? named.map((file) => resolve(io.cwd, file)) : projectFiles(io, options);
  const problems = files.flatMap((file) => problemsOf(file, io.cwd));
  const shown = files.map((file) => relative(io.cwd, file));
  const paint = paintFor(io);
  if (problems.length === 0) {
    print(io, options, { valid: true, files: shown }, (told) => `Valid: ${told.files.join(', ') || 'no policy file'}.`);
    return EXIT.done;
  }
  print(io, options, { valid: false, files: shown, problems }, (told) =>
    told.problems
      .map(
        ({ file, line, column, code, message }) =>
          `${paint.bold(`${file}:${line}:${column}`)} ${paint.bad(code)} ${message}`,
      )
      .join('\n'),
  );
  return EXIT.invalidFile;
}

function projectFiles(io: Io, options: CommonOptions): string[] {
  const paths = findProject(io, options);
  const own = filesToTrust(paths).filter((file) => file !== paths.config);
  return existsSync(paths.globalPolicy) ? [paths.globalPolicy, ...own] : own;
}

function problemsOf(file: string, cwd: string): PolicyProblem[] {
  requireFile(file, 'Name a policy file that exists.');
  const text = readFileSync(file, 'utf8');
  return checkPolicy({ scope: scopeOf(file, text), path: relative(cwd, file) || file, text, trusted: true });
}

/** By where a file lies; one that lies elsewhere is taken for what it says it is. */
function scopeOf(file: string, text: string): 'global' | 'project' | 'ai' {
  const folder = dirname(file);
  if (basename(folder) === 'policy' && basename(dirname(folder)) === '.ai') return 'ai';
  if (basename(folder) === '.ai') return 'project';
  const said = /^scope:\s*(global|project|ai)\b/m.exec(text)?.[1];
  return (said as 'global' | 'project' | 'ai' | undefined) ?? 'project';
}
