import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type Digest, sha256 } from '@signalbox/kernel';

/**
 * Which project files the user has agreed to, by the digest of their content. A cloned or pulled file counts as untrusted
 * until somebody has looked at it; editing it makes it untrusted again. The record lies outside the project, and so do the
 * texts that were agreed to: what such a text denies counts until the user agrees to another, or to there being none.
 */
export interface TrustStore {
  isTrusted(file: string, content: string): boolean;
  /** What was agreed to last; `null`: nothing ever was. `text` is null if it is not kept any more. */
  agreed(file: string): { text: string | null } | null;
  /** The files of which something was agreed to. */
  files(): string[];
  grant(file: string, content: string): void;
  /** Agrees to there being no such file. */
  forget(file: string): void;
}

/** `path`: of the record; the texts lie in a folder beside it. */
export function openTrustStore(path: string): TrustStore {
  const textFile = (digest: string): string => join(dirname(path), 'trusted', digest.replace(/^sha256:/, ''));
  const write = (record: Record<string, Digest>): void => replaceFile(path, `${JSON.stringify(record, null, 2)}\n`);
  return {
    isTrusted: (file, content) => recordAt(path)[file] === sha256(content),
    agreed(file) {
      const record = recordAt(path);
      const digest = Object.hasOwn(record, file) ? record[file] : undefined;
      return digest === undefined ? null : { text: keptText(textFile(digest), digest) };
    },
    files: () => Object.keys(recordAt(path)),
    grant(file, content) {
      const digest = sha256(content);
      // Before the record names it: what is agreed to can always be had.
      mkdirSync(dirname(textFile(digest)), { recursive: true, mode: 0o700 });
      replaceFile(textFile(digest), content);
      write({ ...recordAt(path), [file]: digest });
    },
    forget(file) {
      const { [file]: _, ...rest } = recordAt(path);
      write(rest);
    },
  };
}

function replaceFile(path: string, text: string): void {
  const temporary = `${path}.${process.pid}`;
  writeFileSync(temporary, text, { mode: 0o600 });
  renameSync(temporary, path);
}

/** A trust file that cannot be read trusts nothing. */
function recordAt(path: string): Record<string, Digest> {
  try {
    const record: unknown = JSON.parse(readFileSync(path, 'utf8'));
    if (typeof record !== 'object' || record === null) return {};
    return Object.fromEntries(Object.entries(record).filter(([, digest]) => typeof digest === 'string'));
  } catch {
    return {};
  }
}

function keptText(file: string, digest: Digest): string | null {
  try {
    const text = readFileSync(file, 'utf8');
    return sha256(text) === digest ? text : null;
  } catch {
    return null;
  }
}
