import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { mustRun, root, say } from '../lib/run.mjs';

// What figures are compared with; installed when first needed, and not among the repository's dependencies.
// liteque is left out: 0.8.0 runs an async function inside a synchronous transaction, which better-sqlite3 12 refuses.
const PEERS = { plainjob: '0.0.14', '@cedar-policy/cedar-wasm': '4.13.0' };
const folder = join(root, '.cache', 'bench-peers');

/**
 * The folder of an installed peer, or null where it cannot be installed, or must not: `SIGNALBOX_BENCH_OFFLINE`.
 *
 * @param {keyof typeof PEERS} name
 */
export async function findPeer(name) {
  const installed = join(folder, 'node_modules', name);
  if (existsSync(installed)) return installed;
  if (process.env['SIGNALBOX_BENCH_OFFLINE']) return null;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ private: true, dependencies: PEERS }));
  try {
    await mustRun('npm', ['install', '--prefix', folder, '--no-audit', '--no-fund', '--no-package-lock'], {
      quiet: true,
    });
    return installed;
  } catch {
    say(`  ${name} could not be installed: its figures are left out.`);
    return null;
  }
}
