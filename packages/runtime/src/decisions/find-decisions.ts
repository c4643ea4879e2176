import type { LedgerEntry } from '@signalbox/audit';
import type { PolicyDecisionRecord } from '@signalbox/policy';
import { RuntimeError } from '../errors.js';
import type { ProjectStore } from '../project/open-store.js';

export interface DecisionFilter {
  decision?: 'allow' | 'ask' | 'deny';
  /** `shell.run`, or the beginning of one: `task.`. */
  action?: string;
  /** A full id. */
  task?: string;
  /** Only of this actor: `ai:codex`. */
  actor?: string;
  /** Milliseconds since the epoch. */
  since?: number;
  /** The newest so many. */
  limit: number;
}

export interface RecordedDecision {
  /** Place in the log. */
  seq: number;
  actor: string;
  record: PolicyDecisionRecord;
  /** What came of it, if it was recorded. */
  outcomes: LedgerEntry['data'][];
}

type Source = Pick<ProjectStore, 'ledger'>;

const PAGE = 500;

/** Decisions, the newest first, read backwards and only as far as needed. */
export function* readDecisions({ ledger }: Source, filter: Omit<DecisionFilter, 'limit'>): Generator<LedgerEntry> {
  const { task, actor, since } = filter;
  let before = ledger.head().size + 1;
  for (;;) {
    const page = ledger.read({
      kind: 'policy.decided',
      newestFirst: true,
      limit: PAGE,
      before,
      ...(task === undefined ? {} : { task }),
      ...(actor === undefined ? {} : { actor }),
      ...(since === undefined ? {} : { since }),
    });
    for (const entry of page) if (isMeant(toRecord(entry), filter)) yield entry;
    const last = page.at(-1);
    if (!last || page.length < PAGE) return;
    before = last.seq;
  }
}

export function listDecisions(store: Source, { limit, ...filter }: DecisionFilter): PolicyDecisionRecord[] {
  const found: PolicyDecisionRecord[] = [];
  for (const entry of readDecisions(store, filter)) {
    if (found.length === limit) break;
    found.push(toRecord(entry));
  }
  return found;
}

/** The one decision whose id begins so, with what came of it. Throws `NOT_FOUND`, `AMBIGUOUS_ID`. */
export function findDecision(store: Source, prefix: string): RecordedDecision {
  const found: LedgerEntry[] = [];
  for (const entry of prefix === '' ? [] : readDecisions(store, {})) {
    const { id } = toRecord(entry);
    if (id === prefix) return withOutcomes(store, entry);
    if (id.startsWith(prefix)) found.push(entry);
  }
  const [only, other] = found;
  if (only && !other) return withOutcomes(store, only);
  if (only) {
    const ids = found.slice(0, 4).map((entry) => toRecord(entry).id);
    throw new RuntimeError({
      code: 'AMBIGUOUS_ID',
      message: `"${prefix}" is the beginning of several ids: ${ids.join(', ')}.`,
      hint: 'Give more of it.',
    });
  }
  throw new RuntimeError({
    code: 'NOT_FOUND',
    message: `There is no decision "${prefix}".`,
    hint: 'List them with `signalbox policy decisions list`.',
  });
}

function withOutcomes({ ledger }: Source, entry: LedgerEntry): RecordedDecision {
  const record = toRecord(entry);
  const outcomes = ledger
    .read({ kind: 'policy.outcome', after: entry.seq, subject: entry.subject })
    .filter(({ data }) => data['decision'] === record.id);
  return { seq: entry.seq, actor: entry.actor, record, outcomes: outcomes.map(({ data }) => data) };
}

function isMeant(record: PolicyDecisionRecord, { decision, action }: Omit<DecisionFilter, 'limit'>): boolean {
  if (decision !== undefined && record.decision !== decision) return false;
  const name = String((record.request['action'] as { name?: string } | undefined)?.name);
  return action === undefined || name === action || (action.endsWith('.') && name.startsWith(action));
}

export function toRecord(entry: LedgerEntry): PolicyDecisionRecord {
  return entry.data as unknown as PolicyDecisionRecord;
}
