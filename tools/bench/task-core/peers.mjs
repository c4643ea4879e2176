import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { mustRun, root, say } from '../../lib/run.mjs';

// plainjob (github.com/justplainstuff/plainjob) takes any better-sqlite3 connection, ours among them. liteque is left out: 0.8.0
// runs an async function inside a synchronous transaction, which better-sqlite3 12 refuses.
const PEERS = { plainjob: '0.0.14' };
const folder = join(root, '.cache', 'bench-peers');

/** Opens plainjob over a file, or null where it cannot be installed. */
export async function loadPlainjob() {
  if (!(await install())) return null;
  const entry = join(folder, 'node_modules', 'plainjob', 'dist', 'plainjob.js');
  const { better, defineQueue } = await import(pathToFileURL(entry).href);
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

async function install() {
  if (existsSync(join(folder, 'node_modules', 'plainjob'))) return true;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: PEERS }));
  try {
    await mustRun('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-package-lock'], {
      quiet: true,
    });
    return true;
  } catch {
    say('  plainjob could not be installed: its figures are left out.');
    return false;
  }
}
