import { systemClock } from '@signalbox/kernel';
import type { LedgerEntry, ProjectStore } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseInteger, parseMoment } from '../../parse.js';
import { paintFor } from '../../terminal/colour.js';
import { counted } from '../../terminal/counted.js';
import { shortDigest } from '../../terminal/short-digest.js';
import { clip } from '../../terminal/table.js';

export interface LogOptions extends CommonOptions {
  follow?: boolean;
  task?: string;
  kind?: string;
  actor?: string;
  since?: string;
  until?: string;
  limit?: string;
}

type Filter = Omit<NonNullable<Parameters<ProjectStore['ledger']['read']>[0]>, 'limit' | 'newestFirst' | 'before'>;

const POLL_MS = 300;
const MOST = 1_000_000_000;

export async function log(io: Io, options: LogOptions): Promise<void> {
  const limit = parseInteger(options.limit ?? '100', '--limit', 0, MOST);
  await withStore(io, options, async (store) => {
    const filter = await readFilter(options, store);
    const { size } = store.ledger.head();
    const shown = newest(store, { ...filter, before: size + 1 }, limit);
    if (options.json && !options.follow) {
      io.stdout.write(`${JSON.stringify({ entries: shown })}\n`);
      return;
    }
    for (const entry of shown) writeEntry(io, options, entry);
    if (options.follow) await follow(io, options, store, { ...filter, after: size });
  });
}

async function readFilter(options: LogOptions, store: ProjectStore): Promise<Filter> {
  const { kind, actor, since, until, task } = options;
  const now = systemClock.now();
  return {
    ...(kind === undefined ? {} : { kind }),
    ...(actor === undefined ? {} : { actor }),
    ...(since === undefined ? {} : { since: parseMoment(since, now) }),
    ...(until === undefined ? {} : { until: parseMoment(until, now) }),
    ...(task === undefined ? {} : { task: await store.tasks.resolve(task) }),
  };
}

/** The newest `limit` entries, or all for 0, the oldest of them first. */
function newest(store: ProjectStore, filter: Filter & { before: number }, limit: number): LedgerEntry[] {
  if (limit === 0) return store.ledger.read(filter);
  return store.ledger.read({ ...filter, newestFirst: true, limit }).reverse();
}

async function follow(io: Io, options: LogOptions, store: ProjectStore, filter: Filter): Promise<void> {
  const { followLedger } = await import('@signalbox/runtime');
  const how = { clock: systemClock, filter, intervalMs: POLL_MS, signal: io.signal };
  for await (const entry of followLedger(store.db, store.ledger, how)) writeEntry(io, options, entry);
}

export function writeEntry(io: Io, options: CommonOptions & { task?: string }, entry: LedgerEntry): void {
  io.stdout.write(options.json ? `${JSON.stringify(entry)}\n` : `${describe(entry, io, options.task !== undefined)}\n`);
}

/** `isOfOne`: all entries shown are of one task, which need not be named in each. */
function describe({ seq, time, kind, actor, subject, data }: LedgerEntry, io: Io, isOfOne: boolean): string {
  const paint = paintFor(io);
  const head = `${String(seq).padStart(5)}  ${time.slice(11, 19)}  ${kind.padEnd(18)} ${actor.padEnd(10)}`;
  const text = `${gist(kind, data)}${isOfOne ? '' : ` ${subject}`}`.trim();
  return `${paint.dim(head)} ${clip(text, Math.max(30, io.columns - head.length - 1))}`.trimEnd();
}

/** The one thing that a reader of the log wants of an entry. */
function gist(kind: string, data: LedgerEntry['data']): string {
  const of = (key: string): string => (typeof data[key] === 'string' ? data[key] : '');
  if (kind === 'policy.decided') return `${of('decision')} ${actionOf(data)}: ${of('reason')}`;
  if (kind === 'policy.outcome') return of('option') || (data['allowed'] === false ? 'refused' : 'done');
  if (kind === 'policy.loaded') return of('path');
  if (kind.startsWith('policy.override')) return of('rule');
  if (kind.startsWith('approval.')) return of('what');
  if (kind === 'task.created') return of('title');
  if (kind === 'evidence.collected') return `${of('kind')} ${shortDigest(of('digest'))}`;
  if (kind === 'landing.landed') return of('commit').slice(0, 12);
  if (kind === 'log.sealed') return `${data['first']} to ${data['last']}`;
  if (kind === 'backup.made' || kind === 'backup.restored') return counted(Number(data['size']), 'entry', 'entries');
  return of('outcome') || of('attempt');
}

function actionOf(data: LedgerEntry['data']): string {
  const request = data['request'] as { action?: { name?: string; command?: string } } | undefined;
  return `${request?.action?.name ?? ''}${request?.action?.command ? ` \`${request.action.command}\`` : ''}`;
}
