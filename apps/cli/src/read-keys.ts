import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseVerifiers } from '@signalbox/runtime';
import type { Io } from './io.js';
import { requireFile } from './named-file.js';

/** A verifier key, or a file with one a line, as `.ai/ledger.pub` is. Throws `KEY_INVALID`, `NOT_FOUND`. */
export function readKeys(io: Pick<Io, 'cwd'>, text: string): ReturnType<typeof parseVerifiers> {
  // A verifier key has the form name+hash+base64.
  if (/^[^+\s]+\+[0-9a-f]{8}\+\S+$/.test(text)) return parseVerifiers(text);
  const file = resolve(io.cwd, text);
  requireFile(file, 'Name a file such as .ai/ledger.pub, or give a verifier key itself.');
  return parseVerifiers(readFileSync(file, 'utf8'));
}
