import { resolve } from 'node:path';
import {
  acceptIntegration,
  createSignalbox,
  grantPlugins,
  grantTrust,
  INTEGRATION_BRANCH,
  type IntegrationMove,
  integrationMove,
  type PluginPreview,
  previewPlugins,
  previewTrust,
  readConfig,
  type TrustPreview,
} from '@signalbox/runtime';
import { findProject } from '../../context.js';
import { CliError, usage } from '../../errors.js';
import { EXIT } from '../../exit-codes.js';
import { type CommonOptions, type Io, readLine } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { safeCopy } from '../../terminal/safe-text.js';
import { clip } from '../../terminal/table.js';
import { wrapText } from '../../terminal/wrap-text.js';

/** Lines of a file that changed, at most. */
const SHOWN_CHANGES = 60;

interface Answer {
  trusted: string[];
  /** Files that were agreed to be gone; left out if there are none. */
  gone?: string[];
  /** Plugins that were agreed to, as name@version; left out if there are none. */
  plugins?: string[];
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
    const previews = previewTrust(paths, isWhole(path, io.cwd, paths.root) ? undefined : resolve(io.cwd, path ?? ''));
    const whole = isWhole(path, io.cwd, paths.root);
    const move = whole ? await integrationMove(box, io.environment) : null;
    const plugins = whole ? previewPlugins(paths, namedPlugins(paths)) : [];
    if (previews.length === 0 && plugins.length === 0 && move === null) {
      print(io, options, { trusted: [], agreed: true }, () => 'Every project file is trusted as it is.');
      return EXIT.done;
    }
    if (!options.json) io.stdout.write(describe(safeCopy(previews), safeCopy(plugins), safeCopy(move), io));
    const agreed = options.yes === true || (await ask(io));
    if (agreed) grantTrust(paths, previews);
    if (agreed) grantPlugins(paths, plugins);
    if (agreed && move !== null) acceptIntegration(box, move.to);
    const settled = agreed ? previews : [];
    const trusted = settled.filter(({ content }) => content !== null).map(({ file }) => file);
    const gone = settled.filter(({ content }) => content === null).map(({ file }) => file);
    const answer: Answer = { trusted, agreed, ...(gone.length > 0 ? { gone } : {}) };
    if (agreed && plugins.length > 0) answer.plugins = plugins.map(({ name, version }) => `${name}@${version}`);
    if (move !== null) answer.integration = { from: move.from, to: move.to, accepted: agreed };
    print(io, options, answer, (told) => wrapText(describeAnswer(told), io.columns, 2));
    return EXIT.done;
  } finally {
    await box.close();
  }
}

/** Also of a configuration that nobody has agreed to yet: both are agreed to at once. */
function namedPlugins(paths: Parameters<typeof readConfig>[0]): string[] {
  return readConfig(paths, { asIfTrusted: true }).plugins;
}

function isWhole(path: string | undefined, cwd: string, root: string): boolean {
  return path === undefined || resolve(cwd, path) === root;
}

function describe(
  previews: readonly TrustPreview[],
  plugins: readonly PluginPreview[],
  move: IntegrationMove | null,
  io: Io,
): string {
  const paint = paintFor(io);
  const sections = previews.map(({ file, content, grants, loosened, changes }) => {
    const since = describeChanges(changes, io);
    if (content === null) {
      const lost = `${paint.bold(file)}: It is gone; what it denied no longer counts.`;
      return `${wrapText(lost, io.columns, 2)}\n${since}`;
    }
    const size = counted(content.replace(/\n$/, '').split('\n').length, 'line');
    const shown = grants.map(({ line, text }) => `  ${paint.dim(String(line).padStart(4))}  ${text.trim()}\n`);
    const looser = loosened.map((line) => `${wrapText(`  ${paint.warn(line)}`, io.columns, 4)}\n`);
    const nothing = loosened.length > 0 ? 'It runs nothing.' : 'It allows nothing more and runs nothing.';
    const what = shown.length > 0 ? 'It allows, or runs:' : nothing;
    const less = looser.length > 0 ? `It limits less than what you agreed to:\n${looser.join('')}` : '';
    return `${wrapText(`${paint.bold(file)} (${size}). ${what}`, io.columns, 2)}\n${shown.join('')}${less}${since}`;
  });
  for (const plugin of plugins) sections.push(describePlugin(plugin, io));
  if (move !== null) sections.push(describeMove(move, io));
  return sections.join('\n');
}

function describePlugin({ name, version, folder, digest, before }: PluginPreview, io: Io): string {
  const since = before === null ? '' : ` You agreed to ${before} before.`;
  const what = `${paintFor(io).bold(`${name}@${version}`)} (${folder}). Its code runs within Signalbox, as you.${since}`;
  return `${wrapText(what, io.columns, 2)}\n  ${digest}\n`;
}

/** What an edit takes away is not among what the file grants. */
function describeChanges(changes: TrustPreview['changes'], io: Io): string {
  if (changes.length === 0) return '';
  const paint = paintFor(io);
  const shade = { '-': paint.bad, '+': paint.good };
  const lines = changes.slice(0, SHOWN_CHANGES).map(({ sign, line, text }) => {
    return `  ${paint.dim(String(line).padStart(4))}  ${shade[sign](`${sign} ${text}`)}\n`;
  });
  const more = changes.length - lines.length;
  if (more > 0) lines.push(`  … and ${more} more lines: read the file\n`);
  return `  Since you agreed to it, these lines went (-) and came (+):\n${lines.join('')}`;
}

function describeMove({ from, to, commits }: IntegrationMove, io: Io): string {
  const branch = paintFor(io).bold(INTEGRATION_BRANCH);
  const what = `${branch} was moved by somebody else, from ${from.slice(0, 12)} to ${to.slice(0, 12)}:`;
  const came = commits.length > 0 ? commits : ['No commit came with it; some may have gone.'];
  return `${wrapText(what, io.columns, 2)}\n${came.map((line) => `  ${clip(line, io.columns - 2)}\n`).join('')}`;
}

function describeAnswer({ trusted, gone, plugins, agreed, integration }: Answer): string {
  if (!agreed) return 'Nothing was trusted.';
  const lines = trusted.length > 0 ? [`Trusted: ${trusted.join(', ')}.`] : [];
  if (gone) lines.push(`What you agreed to in ${gone.join(', ')} no longer counts.`);
  if (plugins) lines.push(`Trusted to run: ${plugins.join(', ')}.`);
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
