import type { Digest, Ids, Journal, JsonObject, Recorder } from '@signalbox/kernel';
import { type Clock, canonicalJson, isoTime } from '@signalbox/kernel';
import { type SqlDatabase, type SqlRow, transact } from '@signalbox/kernel/sqlite';
import { AuditError } from '../errors.js';
import { migrateAudit } from '../migrations.js';

/**
 * How far a piece of evidence can be believed: the agent says so (`claimed`), we saw it (`observed`), or we did it again
 * ourselves and it held (`verified`).
 */
export type EvidenceGrade = 'claimed' | 'observed' | 'verified';

/** A proof of something about one attempt. The proof itself is a blob; this says what it is of. */
export interface EvidenceDraft {
  task: string;
  attempt: string;
  /** `diff`, `command`, `test-report`, `usage`, `log`, `artefact`, or what a collector names. */
  kind: string;
  /** Which collector made it. */
  producer: string;
  grade: EvidenceGrade;
  /** Digest of the file tree that it is about, if it is about one. */
  tree: string | null;
  digest: Digest;
  /** Bytes of the blob. */
  size: number;
  /** What a reader wants to know without opening the blob; already redacted. */
  summary: JsonObject;
}

export interface Evidence extends EvidenceDraft {
  /** `evd_…` */
  id: string;
  /** When it was recorded: ISO 8601 in UTC. */
  at: string;
}

/** Which blob proves what. */
export interface EvidenceIndex {
  /** Adds all items and what `recorder` makes of them to the journal, in one transaction. Store the blobs first. */
  record(items: readonly EvidenceDraft[], recorder: Recorder<Evidence[]>): Promise<Evidence[]>;
  /** Oldest first. */
  list(filter?: { task?: string; attempt?: string }): Promise<Evidence[]>;
  /** By id or unique prefix of it. Throws `NOT_FOUND` or `AMBIGUOUS_ID`. */
  get(id: string): Promise<Evidence>;
}

const COLUMNS = [
  'id',
  'task',
  'attempt',
  'kind',
  'producer',
  'grade',
  'tree',
  'digest',
  'size',
  'at',
  'summary',
] as const;

/** Opens the evidence records of a database, creating the table if need be. */
export function openEvidence(db: SqlDatabase, journal: Journal, env: { clock: Clock; ids: Ids }): EvidenceIndex {
  migrateAudit(db);
  return {
    async record(items, recorder) {
      const at = isoTime(env.clock.now());
      const evidence = items.map((item): Evidence => ({ ...item, id: env.ids('evd'), at }));
      transact(db, () => {
        for (const each of evidence) insert(db, each);
        journal.append(recorder(evidence), db);
      });
      return evidence;
    },
    async list({ task, attempt } = {}) {
      const wanted = Object.entries({ task, attempt }).filter(
        (each): each is [string, string] => each[1] !== undefined,
      );
      const where = ['1', ...wanted.map(([column]) => `${column} = ?`)].join(' AND ');
      const rows = db
        .prepare(`SELECT * FROM evidence WHERE ${where} ORDER BY id`)
        .all(...wanted.map(([, value]) => value));
      return rows.map(fromRow);
    },
    async get(id) {
      // '{' sorts after every character of an id. Two rows are enough to know that a prefix is not unique.
      const sql = "SELECT * FROM evidence WHERE id >= ? AND id < ? || '{' ORDER BY id LIMIT 2";
      const [first, second] = db.prepare(sql).all(id, id).map(fromRow);
      if (!first || id === '') throw notFound(id);
      if (second && first.id !== id) throw ambiguous(id, [first.id, second.id]);
      return first;
    },
  };
}

function insert(db: SqlDatabase, evidence: Evidence): void {
  const values = COLUMNS.map((column) => (column === 'summary' ? canonicalJson(evidence.summary) : evidence[column]));
  const marks = COLUMNS.map(() => '?').join(', ');
  db.prepare(`INSERT INTO evidence (${COLUMNS.join(', ')}) VALUES (${marks})`).run(...values);
}

function fromRow(row: SqlRow): Evidence {
  const text = (column: string): string => String(row[column]);
  return {
    id: text('id'),
    task: text('task'),
    attempt: text('attempt'),
    kind: text('kind'),
    producer: text('producer'),
    grade: text('grade') as EvidenceGrade,
    tree: row['tree'] === null ? null : text('tree'),
    digest: text('digest') as Digest,
    size: Number(row['size']),
    at: text('at'),
    summary: JSON.parse(text('summary')) as JsonObject,
  };
}

function notFound(id: string): AuditError {
  return new AuditError({
    code: 'NOT_FOUND',
    message: `There is no evidence ${id || 'without an id'}.`,
    hint: 'List what there is with `signalbox evidence show <task>`.',
  });
}

function ambiguous(id: string, candidates: string[]): AuditError {
  return new AuditError({
    code: 'AMBIGUOUS_ID',
    message: `More than one piece of evidence begins with ${id}.`,
    hint: 'Give more of the id.',
    details: { candidates },
  });
}
