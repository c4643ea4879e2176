import { describe, it } from '@jest/globals';
import { openSqlite, type SqlDriverName } from '@signalbox/kernel/sqlite';
import { describeTaskStore } from '../src/conformance/index.js';
import { openTestStore } from './support/open-test-store.js';

// node:sqlite came with Node 22.5, and without a flag with 22.13.
const drivers: SqlDriverName[] = (['better-sqlite3', 'node:sqlite'] as const).filter((driver) => {
  try {
    openSqlite(':memory:', { drivers: [driver] }).close();
    return true;
  } catch {
    return false;
  }
});

for (const driver of drivers) {
  describeTaskStore(`the SQLite task store over ${driver}`, () => openTestStore(driver), { describe, it });
}
