import {
  type Document,
  isAlias,
  isCollection,
  isMap,
  isScalar,
  LineCounter,
  type Node,
  parseDocument,
  visit,
} from 'yaml';
import { RuntimeError } from '../errors.js';
import { loosenedLimits } from './config.js';
import { type ChangedLine, diffLines } from './line-diff.js';
import type { ProjectPaths } from './paths.js';
import { openTrustStore } from './trust.js';
import { readToTrust, untrustedFiles } from './untrusted.js';

/** What agreeing to a file would grant: its lines that loosen something or make something happen. */
export interface TrustPreview {
  /** Relative to the root. */
  file: string;
  /** `null`: it is gone, and to agree is to let go what it denied. */
  content: string | null;
  /** The lines of it that matter most, with their numbers. */
  grants: { line: number; text: string }[];
  /** What it limits less than what the user last agreed to, in words: budgets that are raised or gone, the sandbox. */
  loosened: string[];
  /** The lines that have come and gone since the user last agreed to it; empty if they never did. */
  changes: ChangedLine[];
}

/**
 * What would be granted by trusting the project's files as they are now. `only`: an absolute path, for that file alone.
 * Throws `POLICY_INVALID` or `CONFIG_INVALID` for one that cannot be read, which nobody can agree to.
 */
export function previewTrust(paths: ProjectPaths, only?: string): TrustPreview[] {
  const trust = openTrustStore(paths.trust);
  return untrustedFiles(paths).flatMap((file) => {
    const path = `${paths.root}/${file}`;
    if (only !== undefined && path !== only) return [];
    const { text: content, error } = readToTrust(paths, path);
    if (error !== undefined) throw unreadable(file, error, path === paths.config);
    const grants = content === null ? [] : grantsOf(content, path === paths.config ? actingNodes : allowNodes);
    const before = trust.agreed(path)?.text;
    if (before == null) return [{ file, content, grants, loosened: [], changes: [] }];
    const loosened = path === paths.config && content !== null ? loosenedLimits(before, content) : [];
    return [{ file, content, grants, loosened, changes: diffLines(before, content ?? '') }];
  });
}

function unreadable(file: string, why: string, isConfig: boolean): RuntimeError {
  return new RuntimeError({
    code: isConfig ? 'CONFIG_INVALID' : 'POLICY_INVALID',
    message: `${file} cannot be read: ${why}`,
    hint: 'Nothing was trusted; put a file there, or remove it and look again.',
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

/** Keys under `workspace` that act: lines that would run, files that agents would get a copy of, variables. */
const ACTING_KEYS: ReadonlySet<unknown> = new Set(['setup', 'copy', 'ports', 'env']);

/**
 * The set-up lines, which are commands that would run; what agents would get of the user's own files, ports and variables; and
 * the plugins, which would run in Signalbox itself; and what a sandbox would let be written to.
 */
function actingNodes(document: Document): Node[] {
  const workspace = document.getIn(['workspace'], true);
  const plugins = document.getIn(['plugins'], true);
  const found = isMap(workspace)
    ? workspace.items.flatMap(({ key, value }) => {
        if (!isScalar(key) || !ACTING_KEYS.has(key.value)) return [];
        // A file's name alone does not say that it is copied.
        return key.value === 'setup' ? itemsOf(value) : [key as Node, ...itemsOf(value)];
      })
    : [];
  return [...found, ...itemsOf(plugins), ...itemsOf(document.getIn(['sandbox', 'writable'], true))];
}

function itemsOf(node: unknown): Node[] {
  if (isMap(node)) return node.items.map(({ key }) => key as Node);
  return isCollection(node) ? (node.items as Node[]) : [];
}

/** Agrees to files as previewed, also to one being gone. Refuses with `STALE` if one has changed since. */
export function grantTrust(paths: ProjectPaths, previews: readonly Pick<TrustPreview, 'file' | 'content'>[]): void {
  const trust = openTrustStore(paths.trust);
  for (const { file, content } of previews) {
    const path = `${paths.root}/${file}`;
    const found = readToTrust(paths, path);
    if (found.text !== content || found.error !== undefined) {
      throw new RuntimeError({
        code: 'STALE',
        message: `${file} has changed while you were looking at it.`,
        hint: 'Look again with `signalbox trust`.',
      });
    }
    if (content === null) trust.forget(path);
    else trust.grant(path, content);
  }
}
