import { createRequire } from 'node:module';
import { KernelError, messageOf } from '../errors.js';
import type { SqlDatabase, SqlDriverName, SqlStatement } from './database.js';
import { isBusy, isSqliteError, storeBusy, unreadable } from './sqlite-errors.js';

interface RawDatabase {
  exec(sql: string): unknown;
  prepare(sql: string): SqlStatement;
  close(): void;
}
export type OpenMode = 'read-write' | 'read-only';

const require = createRequire(import.meta.url);

/**
 * better-sqlite3 13 needs Node-API 10 (Node 22.14 and later). On an older Node it crashes the whole process when a database
 * is opened, which no `catch` can stop, so it is refused by its version first.
 */
export function assertUsable(version: string, napi: string | undefined = process.versions.napi): void {
  if (Number.parseInt(version, 10) >= 13 && Number(napi) < 10) {
    throw new Error(`better-sqlite3 ${version} needs Node 22.14 or later`);
  }
}

function openBetterSqlite(file: string, mode: OpenMode): RawDatabase {
  assertUsable((require('better-sqlite3/package.json') as { version: string }).version);
  const Database = require('better-sqlite3') as new (file: string, options: { readonly: boolean }) => RawDatabase;
  return new Database(file, { readonly: mode === 'read-only' });
}

function openNodeSqlite(file: string, mode: OpenMode): RawDatabase {
  const { DatabaseSync } = withoutWarning('SQLite', () => require('node:sqlite')) as {
    DatabaseSync: new (file: string, options: { readOnly: boolean }) => RawDatabase;
  };
  return new DatabaseSync(file, { readOnly: mode === 'read-only' });
}

/** Runs `load` while dropping process warnings that mention `word`: node:sqlite prints one on Node 22. */
function withoutWarning<T>(word: string, load: () => T): T {
  const original = process.emitWarning;
  process.emitWarning = ((warning: string | Error, ...rest: unknown[]) => {
    if (!String(warning).includes(word)) Reflect.apply(original, process, [warning, ...rest]);
  }) as typeof process.emitWarning;
  try {
    return load();
  } finally {
    process.emitWarning = original;
  }
}

const openers: Record<SqlDriverName, (file: string, mode: OpenMode) => RawDatabase> = {
  'better-sqlite3': openBetterSqlite,
  'node:sqlite': openNodeSqlite,
};

/** Opens `file` with the first driver that loads; statements are prepared once per text. */
export function openWithDriver(file: string, mode: OpenMode, drivers: readonly SqlDriverName[]): SqlDatabase {
  const failures: string[] = [];
  for (const driver of drivers) {
    try {
      return wrap(driver, file, openers[driver](file, mode));
    } catch (error) {
      if (isBusy(error)) throw storeBusy(file, error);
      if (isSqliteError(error)) throw unreadable(file, error);
      failures.push(`${driver}: ${messageOf(error).split('\n')[0]}`);
    }
  }
  throw new KernelError({
    code: 'SQLITE_UNAVAILABLE',
    message: `No SQLite driver could be loaded (${failures.join('; ')}).`,
    hint: 'Run `npm rebuild better-sqlite3` (it needs a C++ compiler), or use Node 22.13 or later, which has SQLite built in.',
  });
}

function wrap(driver: SqlDriverName, file: string, raw: RawDatabase): SqlDatabase {
  const statements = new Map<string, SqlStatement>();
  return {
    driver,
    file,
    exec: (sql) => void raw.exec(sql),
    prepare(sql) {
      let statement = statements.get(sql);
      if (!statement) {
        statement = raw.prepare(sql);
        statements.set(sql, statement);
      }
      return statement;
    },
    close: () => raw.close(),
  };
}
