import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { compileProject } from '@signalbox/runtime';
import { withStore } from '../../context.js';
import { CliError, usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

const AGENTS = ['claude-code', 'codex'] as const;

export async function compile(
  io: Io,
  options: CommonOptions & { for: string; ai?: string; to?: string },
): Promise<void> {
  const agent = AGENTS.find((each) => each === options.for);
  if (!agent)
    throw usage(`--for is one of ${AGENTS.join(', ')}, not "${options.for}".`, 'For example: --for claude-code');
  const compiled = await withStore(io, options, async (store) =>
    compileProject(store, io.environment['PATH'] ?? '', agent, options.ai ?? null),
  );
  const written = options.to === undefined ? [] : writeFiles(resolve(io.cwd, options.to), compiled.files);
  print(io, options, { ...compiled, written }, ({ files, unenforced, notes }) => {
    const paint = paintFor(io);
    const lines = written.map((file) => `Wrote ${file}.`);
    if (written.length === 0) lines.push(...files.map(({ path, text }) => `${paint.bold(path)}\n${text}`));
    for (const [level, title] of [
      ['settings', `What the settings of ${agent} alone do not keep, and the hook does:`],
      ['agent', `What nothing in ${agent} keeps; only a sandbox, or the check of the changes, does:`],
    ] as const) {
      const told = unenforced.filter((each) => each.level === level);
      if (told.length > 0) lines.push(paint.bold(title));
      for (const { rule, at, why } of told) lines.push(wrapText(`  ${rule}: ${why} ${paint.dim(at)}`, io.columns, 4));
    }
    return [lines.join('\n'), ...notes.map((note) => wrapText(note, io.columns, 2))].join('\n');
  });
}

/** Never over a file that is there: somebody may have written it by hand. */
function writeFiles(folder: string, files: readonly { path: string; text: string }[]): string[] {
  const paths = files.map(({ path }) => join(folder, path));
  const taken = paths.find((path) => existsSync(path));
  if (taken !== undefined) {
    throw new CliError({
      code: 'FILE_EXISTS',
      message: `${taken} is there already, and nothing was written.`,
      hint: 'Move it away, or print the files without --to and merge them by hand.',
    });
  }
  for (const [index, { text }] of files.entries()) {
    const path = paths[index] as string;
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
  }
  return paths;
}
