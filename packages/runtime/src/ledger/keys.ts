import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
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
import type { ProjectPaths } from '../project/paths.js';
import { readIfPresent } from '../project/read-file.js';

/** The key that signs this machine's checkpoints; made the first time. Its public half goes where a team commits it. */
export function openSigningKey(paths: ProjectPaths): SigningKey {
  if (existsSync(paths.signingKey)) return loadSigningKey(paths.signingKey);
  mkdirSync(dirname(paths.signingKey), { recursive: true, mode: 0o700 });
  const key = createSigningKey('signalbox.dev');
  saveSigningKey(paths.signingKey, key);
  if (!existsSync(paths.publicKey)) writeFileSync(paths.publicKey, `${verifierKey(key)}\n`);
  return key;
}

/** The public key that verification goes by, or undefined where none has been made. */
export function readPublicKey(paths: ProjectPaths): VerifierKey | undefined {
  const text = readIfPresent(paths.publicKey);
  return text === null ? undefined : parseVerifierKey(text.trim());
}
