import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { findPeer } from '../peers.mjs';

/**
 * Opens plainjob (github.com/justplainstuff/plainjob) over a file, or null where it cannot be installed. It takes any
 * better-sqlite3 connection, ours among them.
 */
export async function loadPlainjob() {
  const folder = await findPeer('plainjob');
  if (folder === null) return null;
  const { better, defineQueue } = await import(pathToFileURL(join(folder, 'dist', 'plainjob.js')).href);
  const Database = createRequire(import.meta.url)('better-sqlite3');
  const logger = { error() {}, warn() {}, info() {}, debug() {} };
  return (file, synchronous) => {
    const connection = new Database(file);
    const queue = defineQueue({ connection: better(connection), logger });
    // It sets NORMAL itself.
    connection.pragma(`synchronous = ${synchronous}`);
    const cycle = (body) => {
      queue.add('task', body);
      queue.markJobAsDone(queue.getAndMarkJobAsProcessing('task').id);
    };
    return { cycle, close: () => queue.close() };
  };
}
