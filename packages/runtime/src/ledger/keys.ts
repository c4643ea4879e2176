import { appendFileSync, existsSync, linkSync, mkdirSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import {
  createSigningKey,
  type Ledger,
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

const KEY_NAME = 'signalbox.dev';
/** Keys that were replaced: `ledger.1.pem` is the first that this log was signed with. */
const REPLACED = /^ledger\.([1-9]\d*)\.pem$/;

/**
 * The key that signs this machine's checkpoints; made the first time. Its public half is added to where a team commits them.
 * Throws `KEY_LOST` if the key is gone and something was signed with it: a second key would make the log look forged.
 */
export function openSigningKey(paths: ProjectPaths): SigningKey {
  if (existsSync(paths.signingKey)) return loadSigningKey(paths.signingKey);
  if (hasCheckpoints(paths.database)) throw keyLost(paths);
  mkdirSync(paths.keys, { recursive: true, mode: 0o700 });
  const key = createSigningKey(KEY_NAME);
  saveSigningKey(paths.signingKey, key);
  publish(paths.publicKey, key);
  return key;
}

/**
 * The keys that may have signed this machine's log: its own, of which the first leads to the later ones by what the log says of
 * their rotation, or, where there are none, those that the team has committed, of which one should fit. Throws `KEY_INVALID`.
 */
export function readVerifiers(paths: ProjectPaths): VerifierKey[] {
  const own = keyFiles(paths);
  if (own.length > 0) return own.map((file) => loadSigningKey(file).verifier);
  return parseVerifiers(readIfPresent(paths.publicKey) ?? '');
}

/** One verifier key a line. Throws `KEY_INVALID`. */
export function parseVerifiers(text: string): VerifierKey[] {
  const lines = text.split('\n').map((line) => line.trim());
  return lines.filter((line) => line !== '').map(parseVerifierKey);
}

/** The files of this log's private keys, the first one first and the present one last. */
export function keyFiles(paths: Pick<ProjectPaths, 'keys' | 'signingKey'>): string[] {
  const numbers = (existsSync(paths.keys) ? readdirSync(paths.keys) : []).map((name) =>
    Number(REPLACED.exec(name)?.[1]),
  );
  const replaced = numbers.filter((number) => number > 0).sort((a, b) => a - b);
  const files = replaced.map((number) => join(paths.keys, `ledger.${number}.pem`));
  return existsSync(paths.signingKey) ? [...files, paths.signingKey] : files;
}

/** Makes the key that is to come next, for {@link finishRotation} once the ledger has recorded it. */
export function createNextKey(paths: ProjectPaths): SigningKey {
  const key = createSigningKey(KEY_NAME);
  rmSync(nextFile(paths), { force: true });
  saveSigningKey(nextFile(paths), key);
  return key;
}

/**
 * Lets the next key take the place of the present one, if there is one and the ledger has recorded that it does; one that it
 * has not was made by a process that died, and is removed. To be called inside a transaction, so that nobody else does it too.
 */
export function finishRotation(paths: ProjectPaths, ledger: Pick<Ledger, 'read'>): void {
  const next = nextFile(paths);
  if (!existsSync(next)) return;
  const key = loadIfWhole(next);
  if (!key || !isRecorded(ledger, key)) {
    rmSync(next, { force: true });
    return;
  }
  const files = keyFiles(paths);
  const before = files.slice(0, -1).at(-1);
  const isKept = before !== undefined && sameKey(before, paths.signingKey);
  if (!isKept) linkSync(paths.signingKey, join(paths.keys, `ledger.${numberAfter(before)}.pem`));
  publish(paths.publicKey, key);
  renameSync(next, paths.signingKey);
}

/** True if a rotation was recorded, perhaps, and not finished. */
export function hasNextKey(paths: ProjectPaths): boolean {
  return existsSync(nextFile(paths));
}

function nextFile(paths: ProjectPaths): string {
  return join(paths.keys, 'ledger.next.pem');
}

function numberAfter(file: string | undefined): number {
  return file === undefined ? 1 : Number(/\.(\d+)\.pem$/.exec(file)?.[1]) + 1;
}

function isRecorded(ledger: Pick<Ledger, 'read'>, key: SigningKey): boolean {
  const text = verifierKey(key);
  return ledger.read({ kind: 'key.rotated', newestFirst: true }).some(({ data }) => data['to'] === text);
}

function sameKey(one: string, other: string): boolean {
  return verifierKey(loadSigningKey(one)) === verifierKey(loadSigningKey(other));
}

/** A key whose writing was interrupted is none. */
function loadIfWhole(file: string): SigningKey | undefined {
  try {
    return loadSigningKey(file);
  } catch {
    return undefined;
  }
}

/** One key a line, each once: every machine that has the project has a log, and a key, of its own. */
function publish(file: string, key: SigningKey): void {
  const before = readIfPresent(file) ?? '';
  const line = verifierKey(key);
  if (before.split('\n').some((each) => each.trim() === line)) return;
  const separator = before === '' || before.endsWith('\n') ? '' : '\n';
  appendFileSync(file, `${separator}${line}\n`);
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
