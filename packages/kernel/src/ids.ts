import { randomBytes } from 'node:crypto';
import type { Clock } from './clock.js';

/** Makes ids `<prefix>_<17 characters>` that sort by creation time. See {@link createIds}. */
export type Ids = (prefix: string) => string;

// Crockford's base 32 in lower case: no i, l, o or u, so an id survives being read aloud.
const ALPHABET = '0123456789abcdefghjkmnpqrstvwxyz';
const TIME_CHARS = 9; // 45 bits of milliseconds: until the year 3084
const RANDOM_BYTES = 5; // 40 bits: eight characters

function encode(value: bigint, length: number): string {
  let rest = value;
  let text = '';
  for (let i = 0; i < length; i++) {
    text = ALPHABET[Number(rest & 31n)] + text;
    rest >>= 5n;
  }
  return text;
}

/**
 * Creates a generator of sortable ids: nine characters of time, eight of chance. Two ids of one generator never repeat and
 * always sort in the order of their making, also within one millisecond and when the clock steps back.
 */
export function createIds(clock: Clock, random: (bytes: number) => Uint8Array = randomBytes): Ids {
  let lastTime = -1;
  let lastRandom = 0n;
  return (prefix) => {
    const now = Math.floor(clock.now());
    if (now > lastTime) {
      lastTime = now;
      lastRandom = BigInt(`0x${Buffer.from(random(RANDOM_BYTES)).toString('hex')}`);
    } else {
      lastRandom += 1n;
      if (lastRandom >> 40n) {
        lastTime += 1;
        lastRandom = 0n;
      }
    }
    return `${prefix}_${encode(BigInt(lastTime), TIME_CHARS)}${encode(lastRandom, 8)}`;
  };
}

/** 128 bits of chance in hexadecimal: for secrets such as a lease id, where guessing must be hopeless. */
export function randomToken(prefix: string): string {
  return `${prefix}_${randomBytes(16).toString('hex')}`;
}
