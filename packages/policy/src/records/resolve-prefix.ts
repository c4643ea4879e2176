import type { SqlDatabase } from '@signalbox/kernel/sqlite';
import type { PolicyError } from '../errors.js';
import { ambiguous } from './errors.js';

/** The one id of a table that begins with `prefix`. */
export function resolvePrefix(
  db: SqlDatabase,
  table: 'approval' | 'policy_override',
  prefix: string,
  missing: (id: string) => PolicyError,
): string {
  // A range instead of LIKE, which reads "_" and "%" as wildcards.
  const rows = db
    .prepare(`SELECT id FROM ${table} WHERE id >= ? AND id < ? ORDER BY id LIMIT 4`)
    .all(prefix, `${prefix}\u{10ffff}`)
    .map((row) => String(row['id']));
  const [first] = rows;
  if (prefix === '' || first === undefined) throw missing(prefix);
  if (rows.length > 1 && first !== prefix) throw ambiguous(prefix, rows);
  return first;
}
