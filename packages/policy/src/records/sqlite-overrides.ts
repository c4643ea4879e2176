import { isoTime } from '@signalbox/kernel';
import { type SqlDatabase, type SqlRow, transact } from '@signalbox/kernel/sqlite';
import { noOverride } from './errors.js';
import { isActive, type StoredOverride, toPolicyOverride } from './override.js';
import { resolvePrefix } from './resolve-prefix.js';
import type { RecordsEnv } from './sqlite.js';
import type { OverrideStore } from './store.js';

export function sqliteOverrides(db: SqlDatabase, { clock, ids, journal }: RecordsEnv): OverrideStore {
  // Prepared when they are first needed: most commands open the store and never ask.
  const insert = () => db.prepare('INSERT INTO policy_override (id, revoked, record) VALUES (?, 0, ?)');
  const update = () => db.prepare('UPDATE policy_override SET revoked = ?, record = ? WHERE id = ?');
  const byId = () => db.prepare('SELECT record FROM policy_override WHERE id = ?');
  const standing = () => db.prepare('SELECT record FROM policy_override WHERE revoked = 0 ORDER BY number');
  const all = () => db.prepare('SELECT record FROM policy_override ORDER BY number');

  const active = (): StoredOverride[] => {
    const now = clock.now();
    return standing()
      .all()
      .map(toOverride)
      .filter((override) => isActive(override, now));
  };

  return {
    add: async (draft, record) =>
      transact(db, () => {
        const override: StoredOverride = {
          id: ids('ovr'),
          ...draft,
          createdAt: isoTime(clock.now()),
          revoked: null,
        };
        insert().run(override.id, JSON.stringify(override));
        journal.append(record(override), db);
        return override;
      }),
    resolve: async (prefix) => resolvePrefix(db, 'policy_override', prefix, noOverride),
    list: async ({ all: everything = false } = {}) => (everything ? all().all().map(toOverride) : active()),
    active: () => active().map(toPolicyOverride),
    revoke: async (id, by, record) =>
      transact(db, () => {
        const row = byId().get(id);
        if (!row) throw noOverride(id);
        const override = toOverride(row);
        if (override.revoked) return override;
        const revoked = { ...override, revoked: { by, at: isoTime(clock.now()) } };
        update().run(1, JSON.stringify(revoked), id);
        journal.append(record(revoked), db);
        return revoked;
      }),
  };
}

function toOverride(row: SqlRow): StoredOverride {
  return JSON.parse(String(row['record'])) as StoredOverride;
}
