import { createHmac, randomBytes } from 'node:crypto';
import type { SqlDatabase } from '@signalbox/kernel/sqlite';

const KEY_BYTES = 32;

/** HMAC-SHA-256 (RFC 2104) under a key that is made when it is first needed. */
export function createKeyedDigest(db: SqlDatabase): (text: string) => string {
  let key: Uint8Array | undefined;
  return (text) => {
    key ??= readKey(db);
    return `hmac-sha256:${createHmac('sha256', key).update(text).digest('hex')}`;
  };
}

function readKey(db: SqlDatabase): Uint8Array {
  // Two processes may make one at once; the first one's stays.
  db.prepare('INSERT OR IGNORE INTO approval_key (only, key) VALUES (1, ?)').run(randomBytes(KEY_BYTES));
  return db.prepare('SELECT key FROM approval_key').get()?.['key'] as Uint8Array;
}
