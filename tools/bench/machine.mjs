import { arch, cpus, platform, release, totalmem } from 'node:os';
import { withScratch } from './scratch.mjs';

/** What the figures were measured on. */
export async function describeMachine() {
  const { openSqlite } = await import('@signalbox/kernel/sqlite');
  const sqlite = await withScratch((folder) => {
    const db = openSqlite(`${folder}/version.db`);
    try {
      return `${db.driver} (SQLite ${db.prepare('SELECT sqlite_version() AS version').get().version})`;
    } finally {
      db.close();
    }
  });
  return {
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 2 ** 30),
    node: process.version,
    platform: `${platform()} ${arch()} ${release()}`,
    sqlite,
  };
}
