import { RuntimeError } from '../errors.js';
import type { ProjectPaths } from './paths.js';
import { readIfPresent } from './read-file.js';
import { openTrustStore } from './trust.js';
import { untrustedFiles } from './untrusted.js';

/** What agreeing to a file would grant: its lines that loosen something or make something happen. */
export interface TrustPreview {
  /** Relative to the root. */
  file: string;
  content: string;
  /** The lines of it that matter most, with their numbers. */
  grants: { line: number; text: string }[];
}

/** What would be granted by trusting the project's files as they are now. */
export function previewTrust(paths: ProjectPaths): TrustPreview[] {
  return untrustedFiles(paths).map((file) => {
    const content = readIfPresent(`${paths.root}/${file}`) ?? '';
    return { file, content, grants: file.endsWith('config.yaml') ? setupLines(content) : allowLines(content) };
  });
}

function allowLines(content: string): TrustPreview['grants'] {
  return numbered(content).filter(({ text }) => /\b(effect|default):\s*allow\b|^exceptions:/.test(text));
}

/** The lines of `setup:`, which are commands that would run. */
function setupLines(content: string): TrustPreview['grants'] {
  const lines = numbered(content);
  const start = lines.findIndex(({ text }) => /^\s+setup:/.test(text));
  const items = start < 0 ? [] : lines.slice(start + 1);
  return items.filter(({ text }) => /^\s+-\s/.test(text));
}

function numbered(content: string): { line: number; text: string }[] {
  return content.split('\n').map((text, i) => ({ line: i + 1, text }));
}

/** Agrees to files as previewed. Refuses with `STALE` if one has changed since. */
export function grantTrust(paths: ProjectPaths, previews: readonly TrustPreview[]): void {
  const trust = openTrustStore(paths.trust);
  for (const { file, content } of previews) {
    const path = `${paths.root}/${file}`;
    if (readIfPresent(path) !== content) {
      throw new RuntimeError({
        code: 'STALE',
        message: `${file} has changed while you were looking at it.`,
        hint: 'Look again with `signalbox trust`.',
      });
    }
    trust.grant(path, content);
  }
}
