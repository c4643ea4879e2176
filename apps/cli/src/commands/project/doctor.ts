import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { systemClock } from '@signalbox/kernel';
import { builtinConnectors, examine } from '@signalbox/runtime';
import { findHome, findRoot, projectPaths } from '@signalbox/runtime/project';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

/** Works everywhere, initialised or not: it is what a person runs when nothing else does. */
export async function doctor(io: Io, options: CommonOptions): Promise<number> {
  const folder = options.root === undefined ? (findRoot(io.cwd) ?? io.cwd) : resolve(io.cwd, options.root);
  const paths = projectPaths(folder, findHome(io.environment));
  const findings = await examine({
    folder,
    paths: existsSync(paths.config) ? paths : null,
    environment: io.environment,
    clock: systemClock,
    connectors: builtinConnectors,
  });
  const ok = findings.every((finding) => finding.state !== 'bad');
  const paint = paintFor(io);
  const marks = { good: paint.good('ok  '), warn: paint.warn('note'), bad: paint.bad('BAD ') };
  print(io, options, { ok, findings }, (told) =>
    told.findings
      .map(({ name, state, text, hint }) => {
        const more = hint && state !== 'good' ? `\n       ${paint.dim(hint)}` : '';
        return wrapText(`${marks[state]}  ${name.padEnd(12)} ${text}${more}`, io.columns, 7);
      })
      .join('\n'),
  );
  return ok ? EXIT.done : EXIT.failed;
}
