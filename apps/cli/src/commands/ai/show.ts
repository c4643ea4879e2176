import { examineAI } from '@signalbox/runtime';
import { type AIReport, reportAI } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { clip } from '../../terminal/table.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

type Examined = Awaited<ReturnType<typeof examineAI>>;

export async function show(io: Io, id: string, options: CommonOptions): Promise<void> {
  const found = await withStore(io, options, async (store) => {
    const ai = await store.ais.get(await store.ais.resolve(id));
    return { ...(await reportAI(store, ai)), attempts: await store.tasks.attemptsOf(ai.id, 10) };
  });
  print(io, options, found, (told) => describe(told, io));
}

/** As `show`, probed anew. */
export async function status(io: Io, id: string, options: CommonOptions): Promise<void> {
  const found = await withSignalbox(io, options, async (box) =>
    examineAI(box.executor, await box.store.ais.resolve(id)),
  );
  print(io, options, found, (told) => describe(told, io));
}

function describe(ai: Examined, io: Io): string {
  const paint = paintFor(io);
  const labels = Object.entries(ai.labels).map(([key, value]) => `${key}=${value}`);
  const lines = [
    `${paint.bold(ai.id)}${ai.name === ai.id ? '' : ` (${ai.name})`}: ${ai.status}${whyResting(ai)}`,
    `  ${ai.connector}, runs ${ai.running} of ${ai.maxConcurrent}`,
    labels.length > 0 ? `  labels: ${labels.join(' ')}` : '',
    `  declared: ${ai.capabilities.join(' ') || 'nothing'}`,
    ai.probe ? `  probed ${ai.probe.at}: ${describeProbe(ai.probe)}` : '  never probed',
    ...(ai.probe?.problems ?? []).map(({ message, hint }) => `    ${paint.warn(message)} ${hint}`),
    ai.attempts.length > 0 ? '  last attempts:' : '  no attempt yet',
  ];
  const told = lines.filter((line) => line !== '').map((line) => wrapText(line, io.columns, 4));
  const attempts = ai.attempts.map(({ id, task, startedAt, outcome, failure }) =>
    clip(
      `    ${startedAt.slice(0, 16).replace('T', ' ')}  ${outcome ?? 'running'}${failure ? ` (${failure.class})` : ''}  ${task}  ${id}`,
      io.columns,
    ),
  );
  return [...told, ...attempts].join('\n');
}

function whyResting({ pauseReason, pausedUntil, health }: AIReport): string {
  if (pauseReason !== undefined) return `, ${pauseReason}${pausedUntil === undefined ? '' : `, until ${pausedUntil}`}`;
  if (health.reason === null) return '';
  const until =
    health.until === null ? ', one attempt is let through' : `, until ${new Date(health.until).toISOString()}`;
  return `, ${health.reason}${until}`;
}

function describeProbe({ ok, version, capabilities, lacks }: NonNullable<AIReport['probe']>): string {
  const parts = [
    version === null ? 'no version' : version,
    ok ? 'ready' : 'not ready',
    capabilities.length > 0 ? `can ${capabilities.join(', ')}` : '',
    lacks.length > 0 ? `cannot ${lacks.join(', ')}` : '',
  ];
  return parts.filter((part) => part !== '').join('; ');
}
