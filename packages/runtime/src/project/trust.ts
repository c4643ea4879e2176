import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { type Digest, sha256 } from '@signalbox/kernel';

/**
 * Which project files the user has agreed to, by the digest of their content. A cloned or pulled file counts as untrusted
 * until somebody has looked at it; editing it makes it untrusted again. The record lies outside the project.
 */
export interface TrustStore {
  isTrusted(file: string, content: string): boolean;
  grant(file: string, content: string): void;
}

export function openTrustStore(path: string): TrustStore {
  return {
    isTrusted: (file, content) => read(path)[file] === sha256(content),
    grant(file, content) {
      const granted = { ...read(path), [file]: sha256(content) };
      mkdirSync(dirname(path), { recursive: true });
      const temporary = `${path}.${process.pid}`;
      writeFileSync(temporary, `${JSON.stringify(granted, null, 2)}\n`, { mode: 0o600 });
      renameSync(temporary, path);
    },
  };
}

/** A trust file that cannot be read trusts nothing. */
function read(path: string): Record<string, Digest> {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as Record<string, Digest>;
  } catch {
    return {};
  }
}
