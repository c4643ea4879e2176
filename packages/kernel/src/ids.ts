import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';

/** Makes ids `<prefix>_<17 characters>` that sort by creation time. See {@link createIds}. */
export type Ids = (prefix: string) => string;

// Crockford's base 32 in lower case: no i, l, o or u, so an id survives being read aloud.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARS = 9; // 45 bits of milliseconds: until the year 3084
const RANDOM_BYTES = 5; // 40 bits: eight characters

function encode(value: number, length: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < length; i++) {
    text = ALPHABET[rest % 32] + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

/**
 * Creates a generator of sortable ids: nine characters of time, eight of chance. Two ids of one generator never repeat and
 * always sort in the order of their making, also within one millisecond and when the clock steps back.
 */
export function createIds(clock: Clock, random: (bytes: number) => Uint8Array = pooledRandom): Ids {
  let lastTime = -1;
  let lastRandom = 0;
  return (prefix) => {
    const now = Math.floor(clock.now());
    if (now > lastTime) {
      lastTime = now;
      lastRandom = random(RANDOM_BYTES).reduce((value, byte) => value * 256 + byte, 0);
    } else {
      lastRandom += 1;
      if (lastRandom >= 2 ** 40) {
        lastTime += 1;
        lastRandom = 0;
      }
    }
    return `${prefix}_${encode(lastTime, TIME_CHARS)}${encode(lastRandom, 8)}`;
  };
}

/** 128 bits of chance in hexadecimal: for secrets such as a lease id, where guessing must be hopeless. */
export function randomToken(prefix: string): string {
  return `${prefix}_${pooledRandom(16).toString('hex')}`;
}

// A call into the system's generator costs some 4 µs, whatever it fetches. Bytes are handed out once and then wiped.
let pool: Buffer = Buffer.alloc(0);
let used = 0;

function pooledRandom(bytes: number): Buffer {
  if (used + bytes > pool.length) {
    pool = randomBytes(4_096);
    used = 0;
  }
  const taken = Buffer.from(pool.subarray(used, used + bytes));
  pool.fill(0, used, used + bytes);
  used += bytes;
  return taken;
}
