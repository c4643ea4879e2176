import { appendFileSync, existsSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import {
  createSigningKey,
  loadSigningKey,
  parseVerifierKey,
  type SigningKey,
  saveSigningKey,
  type VerifierKey,
  verifierKey,
} from '@signalbox/audit';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { RuntimeError } from '../errors.js';
import type { ProjectPaths } from '../project/paths.js';
import { readIfPresent } from '../project/read-file.js';

/**
 * The key that signs this machine's checkpoints; made the first time. Its public half is added to where a team commits them.
 * Throws `KEY_LOST` if the key is gone and something was signed with it: a second key would make the log look forged.
 */
export function openSigningKey(paths: ProjectPaths): SigningKey {
  if (existsSync(paths.signingKey)) return loadSigningKey(paths.signingKey);
  if (hasCheckpoints(paths.database)) throw keyLost(paths);
  mkdirSync(dirname(paths.signingKey), { recursive: true, mode: 0o700 });
  const key = createSigningKey('signalbox.dev');
  saveSigningKey(paths.signingKey, key);
  publish(paths.publicKey, key);
  return key;
}

/**
 * The keys that may have signed this machine's log: its own or, where there is none, those that the team has committed, of
 * which one should fit. Throws `KEY_INVALID`.
 */
export function readVerifiers(paths: ProjectPaths): VerifierKey[] {
  if (existsSync(paths.signingKey)) return [loadSigningKey(paths.signingKey).verifier];
  const lines = (readIfPresent(paths.publicKey) ?? '').split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').map(parseVerifierKey);
}

/** One key a line: every machine that has the project has a log, and a key, of its own. */
function publish(file: string, key: SigningKey): void {
  const before = readIfPresent(file) ?? '';
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  appendFileSync(file, `${separator}${verifierKey(key)}\n`);
}

function hasCheckpoints(database: string): boolean {
  if (!existsSync(database)) return false;
  const db = openSqlite(database);
  try {
    const table = db.prepare("SELECT 1 AS found FROM sqlite_schema WHERE name = 'ledger_checkpoint'").get();
    return table !== undefined && db.prepare('SELECT 1 AS found FROM ledger_checkpoint LIMIT 1').get() !== undefined;
  } finally {
    db.close();
  }
}

function keyLost(paths: ProjectPaths): RuntimeError {
  const file = paths.signingKey.slice(paths.root.length + 1);
  return new RuntimeError({
    code: 'KEY_LOST',
    message: `The key that signed the checkpoints of this log, ${file}, is gone.`,
    hint: 'Restore it from a backup; without one, keep .ai/state as it is elsewhere and start a new log.',
  });
}
