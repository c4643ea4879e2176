import { type Clock, isoTime, type Journal, type Recorder } from '@signalbox/kernel';
import { type Migration, migrate, type SqlDatabase, type SqlRow, transact } from '@signalbox/kernel/sqlite';
import { type AIDraft, type AIInstance, type AIStatus, parseAI } from './ai.js';
import { RouterError } from './errors.js';

/** Which AIs there are. Every change commits what `record` returns in the same transaction. */
export interface AIRegistry {
  /** Throws `AI_EXISTS` for an id that is taken, `INVALID_AI` for a draft that is not valid. */
  register(draft: AIDraft, record: Recorder<AIInstance>): Promise<AIInstance>;
  list(): Promise<AIInstance[]>;
  /** Throws `AI_NOT_FOUND`. */
  get(id: string): Promise<AIInstance>;
  /** Adds or replaces labels; an empty value removes one. */
  label(id: string, labels: Record<string, string>, record: Recorder<AIInstance>): Promise<AIInstance>;
  /** Notes that an attempt of this AI starts now. Not recorded: the start of the attempt is. */
  touch(id: string): Promise<void>;
}

const migrations: readonly Migration[] = [
  {
    name: 'ais',
    sql: `
CREATE TABLE ai (
  id TEXT PRIMARY KEY,
  instance TEXT NOT NULL,
  status TEXT NOT NULL,
  last_seen INTEGER
) STRICT, WITHOUT ROWID;
`,
  },
];

function toAI(row: SqlRow): AIInstance {
  const stored = JSON.parse(String(row['instance'])) as AIInstance;
  const lastSeen = row['last_seen'] === null ? null : isoTime(Number(row['last_seen']));
  return { ...stored, status: row['status'] as AIStatus, lastSeen };
}

export function openSqliteRegistry(db: SqlDatabase, env: { clock: Clock; journal: Journal }): AIRegistry {
  migrate(db, 'router', migrations);

  const find = (id: string): AIInstance => {
    const row = db.prepare('SELECT * FROM ai WHERE id = ?').get(id);
    if (row) return toAI(row);
    throw new RouterError({
      code: 'AI_NOT_FOUND',
      message: `There is no AI "${id}".`,
      hint: 'List them with `signalbox ai list`, or register it with `signalbox ai register`.',
    });
  };

  return {
    register: async (draft, record) => {
      const ai = parseAI(draft, isoTime(env.clock.now()));
      return transact(db, () => {
        if (db.prepare('SELECT 1 AS taken FROM ai WHERE id = ?').get(ai.id)) throw taken(ai.id);
        db.prepare('INSERT INTO ai (id, instance, status) VALUES (?, ?, ?)').run(ai.id, JSON.stringify(ai), ai.status);
        env.journal.append(record(ai), db);
        return ai;
      });
    },
    list: async () => db.prepare('SELECT * FROM ai ORDER BY id').all().map(toAI),
    get: async (id) => find(id),
    label: async (id, labels, record) =>
      transact(db, () => {
        const ai = find(id);
        const merged = Object.entries({ ...ai.labels, ...labels }).filter(([key]) => labels[key] !== '');
        const labelled = { ...ai, labels: Object.fromEntries(merged) };
        db.prepare('UPDATE ai SET instance = ? WHERE id = ?').run(JSON.stringify(labelled), id);
        env.journal.append(record(labelled), db);
        return labelled;
      }),
    touch: async (id) => {
      db.prepare('UPDATE ai SET last_seen = ? WHERE id = ?').run(env.clock.now(), id);
    },
  };
}

function taken(id: string): RouterError {
  return new RouterError({
    code: 'AI_EXISTS',
    message: `There is an AI "${id}" already.`,
    hint: 'Choose another id, or change its labels with `signalbox ai label`.',
  });
}
