import { type Digest, sha256 } from '@signalbox/kernel';
import type { LayerSource } from '../file/layer.js';
import type { PolicyDecisionRecord } from '../record.js';

export type Rebuilt = { readonly sources: LayerSource[] } | { readonly missing: string[] };

/** The sources that a record's layers were loaded from, or which of their texts cannot be had. */
export function rebuildSources(record: PolicyDecisionRecord, textOf: (digest: Digest) => string | null): Rebuilt {
  const missing: string[] = [];
  const sources = record.layers.map(({ scope, path, digest, state }): LayerSource => {
    const source = { scope, path, trusted: state !== 'untrusted' };
    if (digest === null) return { ...source, text: null, ...unreadable(record, path, state) };
    const text = textOf(digest);
    if (text === null) missing.push(`the text of ${path} with the digest ${digest}`);
    else if (sha256(text) !== digest)
      missing.push(`the text of ${path}: what is kept does not have the digest ${digest}`);
    return { ...source, text };
  });
  return missing.length > 0 ? { missing } : { sources };
}

/** Why a file could not be read stands nowhere but in the sentence that denied everything because of it. */
function unreadable(record: PolicyDecisionRecord, path: string, state: string): { error?: string } {
  if (state !== 'invalid') return {};
  const mark = `(${path}:1:1): `;
  const at = record.reason.indexOf(mark);
  return { error: at === -1 ? 'The file could not be read.' : record.reason.slice(at + mark.length) };
}
