import { relative } from 'node:path';
import { describeIssue } from '@signalbox/task-core/spec';
import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import * as z from 'zod';
import { type Budgets, budgetsSchema, strictestOfAll } from '../budgets/budgets.js';
import { loosenedBudgets } from '../budgets/loosened.js';
import { RuntimeError } from '../errors.js';
import { evidenceSchema } from './evidence-config.js';
import { noProject } from './no-project.js';
import type { ProjectPaths } from './paths.js';
import { findText } from './read-file.js';
import { type SandboxConfig, sandboxSchema, strictestSandbox } from './sandbox-config.js';
import { openTrustStore } from './trust.js';
import { DEFAULT_WORKSPACE, workspaceSchema } from './workspace-config.js';

const configSchema = z.strictObject({
  version: z.literal(1),
  /** The branch that work starts from and lands for. */
  base: z.string().min(1),
  /** How the worktrees of attempts are made ready, and how long they are kept. */
  workspace: workspaceSchema,
  /** Packages whose connectors may be used: a name, or a path relative to the root that begins with a dot. */
  plugins: z.array(z.string().min(1)).default([]),
  budgets: budgetsSchema,
  /** What is collected as evidence beside the change and the output of the checks. It runs nothing, so it needs no trust. */
  evidence: evidenceSchema,
  sandbox: sandboxSchema,
});

export type ProjectConfig = z.infer<typeof configSchema> & {
  /**
   * False while the user has not agreed to this content: then what acts (`workspace`, `plugins`) is as if
   * absent, and of budgets and the sandbox the stricter one holds.
   */
  trusted: boolean;
};

/** Reads `.ai/config.yaml`. Throws `NO_PROJECT` without one, `CONFIG_INVALID` with line and column for a bad one. `asIfTrusted`: for showing what it would do. */
export function readConfig(paths: ProjectPaths, { asIfTrusted = false } = {}): ProjectConfig {
  const { text, error } = findText(paths.config);
  if (error !== undefined) throw invalid(`${relative(paths.root, paths.config)}: ${error.replace(/\.$/, '')}`);
  if (text === null) throw noProject(paths.root);
  const config = parseConfig(text, relative(paths.root, paths.config));
  const trust = openTrustStore(paths.trust);
  if (asIfTrusted || trust.isTrusted(paths.config, text)) return { ...config, trusted: true };
  const agreed = trust.agreed(paths.config)?.text ?? null;
  const before = agreed === null ? null : readAgreed(agreed);
  const budgets = before === null ? config.budgets : strictestOfAll(config.budgets, before.budgets);
  const sandbox = strictestSandbox(config.sandbox, before?.sandbox ?? null);
  return { ...config, workspace: DEFAULT_WORKSPACE, plugins: [], budgets, sandbox, trusted: false };
}

/** Nothing may be used, until somebody agrees to the file as it is. */
const NOTHING: Budgets = { day: { usd: 0, tokens: 0, turns: 0, timeMs: 0 } };
const SANDBOXED: SandboxConfig = { mode: 'workspace-write', writable: [], network: false };

/**
 * Of a text that was agreed to once, by an older version perhaps: what this one does not know besides is passed over. Where the
 * limits themselves cannot be read, the strictest hold: else an edit that nobody agreed to would lift them.
 */
function readAgreed(text: string): Limits {
  return readLimits(text) ?? { budgets: NOTHING, sandbox: SANDBOXED };
}

interface Limits {
  budgets: Budgets;
  sandbox: SandboxConfig;
}

function readLimits(text: string): Limits | null {
  const limits = agreedSchema.safeParse(contentOf(text));
  return limits.success ? limits.data : null;
}

/** What a text of the configuration limits less than one that was agreed to before, a line each. */
export function loosenedLimits(before: string, after: string): string[] {
  const now = readLimits(after);
  if (now === null) return [];
  const was = readLimits(before);
  if (was === null)
    return ['budgets and sandbox: what you agreed to before cannot be read; only these hold from now on'];
  const lines = loosenedBudgets(was.budgets, now.budgets);
  if (was.sandbox.mode !== 'none' && now.sandbox.mode === 'none') lines.push('sandbox.mode: none, was workspace-write');
  if (!was.sandbox.network && now.sandbox.network) lines.push('sandbox.network: true, was false');
  return lines;
}

const agreedSchema = z.object({ budgets: budgetsSchema, sandbox: sandboxSchema });

function contentOf(text: string): unknown {
  try {
    const document = parseDocument(text);
    return document.errors.length > 0 ? null : document.toJS();
  } catch {
    return null;
  }
}

function parseConfig(text: string, name: string): z.infer<typeof configSchema> {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const fault = document.errors[0] ?? document.warnings[0];
  const at = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  if (fault) throw invalid(`${at(fault.pos[0])}: ${fault.message}`);
  const alias = firstAlias(document);
  if (alias !== null) throw invalid(`${at(alias)}: an alias is not allowed here; write the value out`);
  const odd = protoKey(document);
  if (odd !== null) throw invalid(`${at(odd)}: there is no key "__proto__" here`);
  const found: unknown = document.toJS();
  if (found === null) throw invalid(`${name} is empty; it needs at least "version: 1" and "base: <branch>"`);
  const parsed = configSchema.safeParse(found);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  if (issue === undefined) throw parsed.error;
  const key = issue.code === 'unrecognized_keys' ? issue.keys.slice(0, 1) : [];
  const node = nearestNode(document, [...issue.path, ...key]);
  const where = issue.path.length === 0 ? '' : `${issue.path.join('.')}: `;
  throw invalid(`${at(node?.range?.[0] ?? 0)}: ${where}${describeIssue(issue, found)}`);
}

/** The node at a path, or the nearest around it: what is missing has none. */
function nearestNode(
  document: Document,
  path: readonly PropertyKey[],
): { range?: [number, number, number] } | undefined {
  for (let length = path.length; length >= 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (node) return node;
  }
  return undefined;
}

/** Where the first alias is: with them a small file can stand for a huge one. */
function firstAlias(document: Document): number | null {
  let found: number | null = null;
  visit(document, {
    Alias: (_key, node) => {
      found = node.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

/** Where the first key `__proto__` is: what is read of it would depend on who reads it, and be nothing to some. */
function protoKey(document: Document): number | null {
  let found: number | null = null;
  visit(document, {
    Pair: (_key, { key }) => {
      if (!isScalar(key) || key.value !== '__proto__') return undefined;
      found = key.range?.[0] ?? 0;
      return visit.BREAK;
    },
  });
  return found;
}

function invalid(what: string): RuntimeError {
  return new RuntimeError({
    code: 'CONFIG_INVALID',
    message: `${what}.`,
    hint: 'Correct .ai/config.yaml; nothing was run.',
  });
}
