import { sleep, systemClock } from '@signalbox/kernel';
import type { LedgerEntry, ProjectStore } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseInteger } from '../../parse.js';
import { paintFor } from '../../terminal/colour.js';
import { shortDigest } from '../../terminal/short-digest.js';
import { clip } from '../../terminal/table.js';

export interface LogOptions extends CommonOptions {
  follow?: boolean;
  task?: string;
  kind?: string;
  limit?: string;
}

const POLL_MS = 300;
const ALL = 1_000_000_000;

export async function log(io: Io, options: LogOptions): Promise<void> {
  await withStore(io, options, async (store) => {
    const filter = {
      limit: ALL,
      ...(options.kind === undefined ? {} : { kind: options.kind }),
      ...(options.task === undefined ? {} : { task: await store.tasks.resolve(options.task) }),
    };
    const limit = parseInteger(options.limit ?? '100', '--limit', 0, ALL);
    const entries = store.ledger.read(filter);
    const shown = limit === 0 ? entries : entries.slice(-limit);
    if (options.json && !options.follow) {
      io.stdout.write(`${JSON.stringify({ entries: shown })}\n`);
      return;
    }
    for (const entry of shown) writeEntry(io, options, entry);
    if (options.follow) await follow(io, options, store, filter);
  });
}

async function follow(io: Io, options: LogOptions, store: ProjectStore, filter: object): Promise<void> {
  let after = store.ledger.head().size;
  while (!io.signal.aborted) {
    await sleep(systemClock, POLL_MS, io.signal);
    const { size } = store.ledger.head();
    if (size === after) continue;
    for (const entry of store.ledger.read({ ...filter, after })) writeEntry(io, options, entry);
    after = size;
  }
}

export function writeEntry(io: Io, options: CommonOptions, entry: LedgerEntry): void {
  io.stdout.write(options.json ? `${JSON.stringify(entry)}\n` : `${describe(entry, io)}\n`);
}

function describe({ seq, time, kind, actor, subject, data }: LedgerEntry, io: Io): string {
  const paint = paintFor(io);
  const head = `${String(seq).padStart(5)}  ${time.slice(11, 19)}  ${kind.padEnd(18)}`;
  const text = `${gist(kind, data)}  ${actor} ${subject}`.trim();
  return `${paint.dim(head)} ${clip(text, Math.max(30, io.columns - head.length - 1))}`;
}

/** The one thing that a reader of the log wants of an entry. */
function gist(kind: string, data: LedgerEntry['data']): string {
  const of = (key: string): string => (typeof data[key] === 'string' ? data[key] : '');
  if (kind === 'policy.decided') return `${of('decision')} ${actionOf(data)}: ${of('reason')}`;
  if (kind === 'task.created') return of('title');
  if (kind === 'evidence.collected') return `${of('kind')} ${shortDigest(of('digest'))}`;
  if (kind === 'landing.landed') return of('commit').slice(0, 12);
  return of('outcome') || of('attempt');
}

function actionOf(data: LedgerEntry['data']): string {
  const request = data['request'] as { action?: { name?: string; command?: string } } | undefined;
  return `${request?.action?.name ?? ''}${request?.action?.command ? ` \`${request.action.command}\`` : ''}`;
}
