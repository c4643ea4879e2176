import { type Document, isAlias, isCollection, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml';
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
    return { file, content, grants: grantsOf(content, file.endsWith('config.yaml') ? setupNodes : allowNodes) };
  });
}

/** The lines on which these nodes begin, each once. The file is read as what it is, since YAML can be written in many ways. */
function grantsOf(content: string, nodesOf: (document: Document) => Node[]): TrustPreview['grants'] {
  const lines = content.split('\n');
  const counter = new LineCounter();
  const document = parseDocument(content, { lineCounter: counter });
  const starts = nodesOf(document).map((node) => counter.linePos(node.range?.[0] ?? 0).line);
  return [...new Set(starts)].sort((a, b) => a - b).map((line) => ({ line, text: lines[line - 1] ?? '' }));
}

/** What allows, and every exception. */
function allowNodes(document: Document): Node[] {
  const found: Node[] = [];
  visit(document, {
    Pair(_key, { key, value }) {
      const name = isScalar(key) ? key.value : null;
      const allows = isAlias(value) || (isScalar(value) && value.value === 'allow');
      if ((name === 'effect' || name === 'default') && allows) found.push(key as Node);
      if (name === 'exceptions' && isCollection(value)) found.push(key as Node);
    },
  });
  return found;
}

/** The set-up lines, which are commands that would run. */
function setupNodes(document: Document): Node[] {
  const setup = document.getIn(['workspace', 'setup'], true);
  return isCollection(setup) ? (setup.items as Node[]) : [];
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
