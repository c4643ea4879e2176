import { resolve } from 'node:path';
import { createSignalbox, grantTrust, previewTrust, type TrustPreview } from '@signalbox/runtime';
import { findProject } from '../../context.js';
import { CliError, usage } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { type CommonOptions, type Io, readLine } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';

export async function trust(
  io: Io,
  path: string | undefined,
  options: CommonOptions & { yes?: boolean },
): Promise<number> {
  const quiet: Io = { ...io, stderr: { write: () => true } };
  const paths = findProject(quiet, options);
  const box = await createSignalbox({ root: paths.root, environment: io.environment });
  try {
    box.door.refuseAgents(box.actor, 'agree to project files');
    const previews = selectFile(previewTrust(paths), path, io.cwd, paths.root);
    if (previews.length === 0) {
      print(io, options, { trusted: [], agreed: true }, () => 'Every project file is trusted as it is.');
      return EXIT.done;
    }
    if (!options.json) io.stdout.write(describe(previews, io));
    const agreed = options.yes === true || (await ask(io));
    if (agreed) grantTrust(paths, previews);
    const trusted = agreed ? previews.map((preview) => preview.file) : [];
    print(io, options, { trusted, agreed }, () =>
      agreed ? `Trusted: ${trusted.join(', ')}.` : 'Nothing was trusted.',
    );
    return EXIT.done;
  } finally {
    await box.close();
  }
}

function selectFile(previews: TrustPreview[], path: string | undefined, cwd: string, root: string): TrustPreview[] {
  if (path === undefined || resolve(cwd, path) === root) return previews;
  return previews.filter((preview) => resolve(root, preview.file) === resolve(cwd, path));
}

function describe(previews: readonly TrustPreview[], io: Io): string {
  const paint = paintFor(io);
  return previews
    .map(({ file, content, grants }) => {
      const size = `${content.split('\n').length} lines`;
      const shown = grants.map(({ line, text }) => `  ${paint.dim(String(line).padStart(4))}  ${text.trim()}`);
      const what = shown.length > 0 ? 'It allows, or runs:' : 'It allows nothing more and runs nothing.';
      return `${paint.bold(file)} (${size}). ${what}\n${shown.join('\n')}${shown.length > 0 ? '\n' : ''}`;
    })
    .join('\n');
}

async function ask(io: Io): Promise<boolean> {
  if (!io.isTerminal) {
    throw usage('Nobody is here to agree.', 'Read the files, then run `signalbox trust --yes`.');
  }
  io.stdout.write('Agree? [y/N] ');
  const answer = await readLine(io);
  if (io.signal.aborted) {
    throw new CliError({ code: 'INTERRUPTED', message: 'Interrupted.', hint: 'Nothing was trusted.' });
  }
  return /^\s*y(es)?\s*$/i.test(answer ?? '');
}
