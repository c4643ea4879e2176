export {
  type SqlDatabase,
  type SqlDriverName,
  type SqlRow,
  type SqlStatement,
  type SqlValue,
  transact,
} from './database.js';
export { assertUsable, type OpenMode } from './drivers.js';
export { type Migration, migrate } from './migrate.js';
export { type OpenSqliteOptions, openSqlite } from './open.js';
