import { resolve } from 'node:path';
import {
  acceptIntegration,
  createSignalbox,
  grantTrust,
  INTEGRATION_BRANCH,
  type IntegrationMove,
  integrationMove,
  previewTrust,
  type TrustPreview,
} from '@signalbox/runtime';
import { findProject } from '../../context.js';
import { CliError, usage } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { type CommonOptions, type Io, readLine } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { safeCopy } from '../../terminal/safe-text.js';
import { clip } from '../../terminal/table.js';
import { wrapText } from '../../terminal/wrap-text.js';

interface Answer {
  trusted: string[];
  agreed: boolean;
  /** Only when somebody else has moved the integration branch. */
  integration?: { from: string; to: string; accepted: boolean };
}

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
    const move = isWhole(path, io.cwd, paths.root) ? await integrationMove(box, io.environment) : null;
    if (previews.length === 0 && move === null) {
      print(io, options, { trusted: [], agreed: true }, () => 'Every project file is trusted as it is.');
      return EXIT.done;
    }
    if (!options.json) io.stdout.write(describe(safeCopy(previews), safeCopy(move), io));
    const agreed = options.yes === true || (await ask(io));
    if (agreed) grantTrust(paths, previews);
    if (agreed && move !== null) acceptIntegration(box, move.to);
    const trusted = agreed ? previews.map((preview) => preview.file) : [];
    const answer: Answer = { trusted, agreed };
    if (move !== null) answer.integration = { from: move.from, to: move.to, accepted: agreed };
    print(io, options, answer, (told) => wrapText(describeAnswer(told), io.columns, 2));
    return EXIT.done;
  } finally {
    await box.close();
  }
}

function isWhole(path: string | undefined, cwd: string, root: string): boolean {
  return path === undefined || resolve(cwd, path) === root;
}

function selectFile(previews: TrustPreview[], path: string | undefined, cwd: string, root: string): TrustPreview[] {
  if (path === undefined || isWhole(path, cwd, root)) return previews;
  return previews.filter((preview) => resolve(root, preview.file) === resolve(cwd, path));
}

function describe(previews: readonly TrustPreview[], move: IntegrationMove | null, io: Io): string {
  const paint = paintFor(io);
  const sections = previews.map(({ file, content, grants }) => {
    const size = `${content.split('\n').length} lines`;
    const shown = grants.map(({ line, text }) => `  ${paint.dim(String(line).padStart(4))}  ${text.trim()}\n`);
    const what = shown.length > 0 ? 'It allows, or runs:' : 'It allows nothing more and runs nothing.';
    return `${wrapText(`${paint.bold(file)} (${size}). ${what}`, io.columns, 2)}\n${shown.join('')}`;
  });
  if (move !== null) sections.push(describeMove(move, io));
  return sections.join('\n');
}

function describeMove({ from, to, commits }: IntegrationMove, io: Io): string {
  const branch = paintFor(io).bold(INTEGRATION_BRANCH);
  const what = `${branch} was moved by somebody else, from ${from.slice(0, 12)} to ${to.slice(0, 12)}:`;
  const came = commits.length > 0 ? commits : ['No commit came with it; some may have gone.'];
  return `${wrapText(what, io.columns, 2)}\n${came.map((line) => `  ${clip(line, io.columns - 2)}\n`).join('')}`;
}

function describeAnswer({ trusted, agreed, integration }: Answer): string {
  if (!agreed) return 'Nothing was trusted.';
  const lines = trusted.length > 0 ? [`Trusted: ${trusted.join(', ')}.`] : [];
  if (integration) lines.push(`Work goes on from ${INTEGRATION_BRANCH} as it is.`);
  return lines.join('\n');
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
