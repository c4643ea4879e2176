import { type Clock, canonicalJson, isoTime, type Journal, type Recorder } from '@signalbox/kernel';
import { migrate, type SqlDatabase, transact } from '@signalbox/kernel/sqlite';
import { type AIInstance, applyPatch, parseAI } from './ai.js';
import { declaredText, readRow } from './ai-row.js';
import { aiExists, aiNotFound, ambiguousId, invalidAI } from './errors.js';
import { toProbe } from './probe.js';
import type { AIRegistry } from './registry.js';
import { migrations } from './schema.js';

/** Opens the registry in a SQLite file, and makes or extends its table there. */
export function openSqliteRegistry(db: SqlDatabase, env: { clock: Clock; journal: Journal }): AIRegistry {
  migrate(db, 'router', migrations);

  const find = (id: string): AIInstance => {
    const row = db.prepare('SELECT * FROM ai WHERE id = ?').get(id);
    if (row) return readRow(row, env.clock.now());
    throw aiNotFound(id);
  };
  /** Makes the change, and records what came of it, in one transaction. */
  const change = (id: string, record: Recorder<AIInstance>, work: (ai: AIInstance) => void): AIInstance =>
    transact(db, () => {
      work(find(id));
      const changed = find(id);
      env.journal.append(record(changed), db);
      return changed;
    });
  const declare = (ai: AIInstance): void => {
    db.prepare('UPDATE ai SET instance = ? WHERE id = ?').run(declaredText(ai), ai.id);
  };

  return {
    register: async (draft, record) => {
      const ai = parseAI(draft, isoTime(env.clock.now()));
      return transact(db, () => {
        if (db.prepare('SELECT 1 AS taken FROM ai WHERE id = ?').get(ai.id)) throw aiExists(ai.id);
        db.prepare('INSERT INTO ai (id, instance, status) VALUES (?, ?, ?)').run(ai.id, declaredText(ai), ai.status);
        env.journal.append(record(ai), db);
        return ai;
      });
    },
    list: async () => {
      const now = env.clock.now();
      return db
        .prepare('SELECT * FROM ai ORDER BY id')
        .all()
        .map((row) => readRow(row, now));
    },
    get: async (id) => find(id),
    resolve: async (prefix) => resolveId(db, prefix),
    label: async (id, labels, record) =>
      change(id, record, (ai) => {
        const merged = Object.entries({ ...ai.labels, ...labels }).filter(([key]) => labels[key] !== '');
        declare({ ...ai, labels: Object.fromEntries(merged) });
      }),
    update: async (id, patch, record) =>
      change(id, record, (ai) => {
        const patched = applyPatch(ai, patch);
        declare(patched);
        if (canonicalJson(patched.config) === canonicalJson(ai.config)) return;
        db.prepare('UPDATE ai SET probe = NULL, cleared_at = ? WHERE id = ?').run(env.clock.now(), id);
      }),
    pause: async (id, { reason, until }, record) => {
      const end = parseEnd(until ?? null);
      return change(id, record, () => {
        db.prepare("UPDATE ai SET status = 'paused', pause_reason = ?, pause_until = ? WHERE id = ?").run(
          ...[reason, end, id],
        );
      });
    },
    resume: async (id, record) =>
      change(id, record, () => {
        db.prepare(
          "UPDATE ai SET status = 'online', pause_reason = NULL, pause_until = NULL, cleared_at = ? WHERE id = ?",
        ).run(env.clock.now(), id);
      }),
    remove: async (id, record) =>
      transact(db, () => {
        const removed = find(id);
        db.prepare('DELETE FROM ai WHERE id = ?').run(id);
        env.journal.append(record(removed), db);
        return removed;
      }),
    probed: async (id, findings) =>
      transact(db, () => {
        db.prepare('UPDATE ai SET probe = ? WHERE id = ?').run(JSON.stringify(toProbe(findings)), id);
        return find(id);
      }),
    touch: async (id) => {
      // Later than any before, also within one millisecond or after the clock stepped back: who is next in turn hangs on it.
      const sql = 'UPDATE ai SET last_seen = max(?, (SELECT coalesce(max(last_seen), -1) + 1 FROM ai)) WHERE id = ?';
      transact(db, () => db.prepare(sql).run(env.clock.now(), id));
    },
  };
}

function resolveId(db: SqlDatabase, prefix: string): string {
  // A range instead of LIKE, which reads "_" as a wildcard.
  const ids = db
    .prepare('SELECT id FROM ai WHERE id >= ? AND id < ? ORDER BY id LIMIT 4')
    .all(prefix, `${prefix}\u{10ffff}`)
    .map((row) => String(row['id']));
  const [first] = ids;
  if (prefix === '' || first === undefined) throw aiNotFound(prefix);
  if (ids.length > 1 && first !== prefix) throw ambiguousId(prefix, ids);
  return first;
}

/** A provider's word for it can be a fraction, or no time at all. */
function parseEnd(until: number | null): number | null {
  if (until === null) return null;
  // The end of what a Date can hold: https://tc39.es/ecma262/#sec-time-values-and-time-range
  if (until >= 0 && until <= 8.64e15) return Math.ceil(until);
  throw invalidAI(`${until} cannot be the end of a pause`, 'Give a time in milliseconds since the epoch.');
}
