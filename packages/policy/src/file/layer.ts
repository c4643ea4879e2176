import { type Digest, sha256 } from '@signalbox/kernel';
import type { Expression } from '@signalbox/rules';
import type { Effect } from '../effect.js';
import type { CommandPattern } from './command-pattern.js';
import { compileException, compileRule } from './compile.js';
import { PolicyDocument } from './document.js';
import type { Obligation } from './obligation.js';
import { compileOverrides } from './override-layer.js';
import type { PolicyProblem } from './problem.js';
import { readPolicyFile } from './read.js';
import type { PolicyFile, TestEntry } from './schema.js';
import { compileSettings, type Setting } from './settings.js';

/** The layers of files from the top down; a lower one may tighten, and loosen only where an upper one says so. */
export type Scope = 'global' | 'project' | 'ai';

/** Every layer: below the files lie the overrides that users granted. */
export type LayerScope = Scope | 'override';

/** `absent`: no file. `untrusted`: only what tightens counts. `invalid`: every decision is a deny. */
export type LayerState = 'loaded' | 'untrusted' | 'absent' | 'invalid';

/** One policy file, read by the caller. */
export interface LayerSource {
  /** `override` for a list of overrides as JSON; no file may claim it. */
  scope: LayerScope;
  /** As it is to be named in messages and records. */
  path: string;
  /** `null`: there is no such file, or it could not be read. */
  text: string | null;
  /** Why a file that is there could not be read, in a sentence. The layer is then invalid, and everything is denied. */
  error?: string;
  /** Whether the user has trusted this very text. */
  trusted: boolean;
}

export interface Rule {
  /** With the scope: `project/no-secrets`. */
  readonly id: string;
  readonly effect: Effect;
  /** Exact actions or `task.*`. */
  readonly on: readonly string[];
  readonly command: CommandPattern | null;
  readonly when: Expression | null;
  readonly unless: Expression | null;
  readonly reason: string | null;
  readonly mode: 'enforce' | 'audit';
  readonly enforce: 'required' | 'best-effort';
  readonly overridableBy: readonly Scope[];
  /** Milliseconds since the epoch from which the rule no longer matches. */
  readonly expiresAt: number | null;
  readonly obligations: readonly Obligation[];
  /** False for a rule of an untrusted file, which may make a decision stricter but never replace a stricter default. */
  readonly trusted: boolean;
  /** `file:line:column`. */
  readonly at: string;
}

export interface PolicyException {
  readonly rule: string;
  readonly effect: 'allow' | 'ask';
  readonly when: Expression | null;
  readonly reason: string | null;
  readonly by: string | null;
  readonly scope: LayerScope;
  readonly expiresAt: number | null;
  /** `file:line:column`, or `overrides:<id>`. */
  readonly at: string;
  /** For an override: the requests it is for. `null` for an exception of a file. */
  readonly only: { readonly ai: string | null; readonly task: string | null; readonly label: string | null } | null;
}

/** A compiled policy file. What an untrusted file may not do is already left out. */
export interface Layer {
  readonly scope: LayerScope;
  readonly path: string;
  readonly digest: Digest | null;
  readonly state: LayerState;
  readonly default: Effect | null;
  readonly rules: readonly Rule[];
  readonly exceptions: readonly PolicyException[];
  readonly settings: ReadonlyMap<string, Setting>;
  readonly tests: readonly { readonly entry: TestEntry; readonly at: string }[];
  readonly problems: readonly PolicyProblem[];
}

/** Reads and compiles one file, without running its tests. Never throws for what stands in it. */
export function compileLayer(source: LayerSource): Layer {
  const empty = { ...source, default: null, rules: [], exceptions: [], settings: new Map(), tests: [], problems: [] };
  const identity = { scope: source.scope, path: source.path };
  if (source.error !== undefined) return unreadableLayer(source, source.error);
  if (source.text === null) return pick(empty, { ...identity, digest: null, state: 'absent' });
  if (source.scope === 'override') return compileOverrides({ ...source, text: source.text });
  const digest = sha256(source.text);
  const document = new PolicyDocument(source.path, source.text);
  const file = readPolicyFile(document);
  const content = file ? compileFile(document, source, file) : empty;
  const invalid = document.problems.length > 0;
  const state: LayerState = invalid ? 'invalid' : source.trusted ? 'loaded' : 'untrusted';
  const problems = document.problems;
  if (invalid || source.trusted) return pick({ ...empty, ...content, problems }, { ...identity, digest, state });
  return pick({ ...onlyTightening(content), problems }, { ...identity, digest, state });
}

/** A layer that is there and cannot be had, for whatever reason: everything is denied. `message`: why, in a sentence. */
export function unreadableLayer({ scope, path, text }: LayerSource, message: string): Layer {
  const problem = { file: path, line: 1, column: 1, code: 'POLICY_UNREADABLE', message } as const;
  return {
    scope,
    path,
    digest: text === null ? null : sha256(text),
    state: 'invalid',
    default: null,
    rules: [],
    exceptions: [],
    settings: new Map(),
    tests: [],
    problems: [problem],
  };
}

type Content = Pick<Layer, 'default' | 'rules' | 'exceptions' | 'settings' | 'tests'>;

function pick(
  content: Content & Pick<Layer, 'problems'>,
  identity: Pick<Layer, 'scope' | 'path' | 'digest' | 'state'>,
): Layer {
  const { default: fallback, rules, exceptions, settings, tests, problems } = content;
  return { ...identity, default: fallback, rules, exceptions, settings, tests, problems };
}

function compileFile(document: PolicyDocument, source: LayerSource, file: PolicyFile): Content {
  if (file.scope !== source.scope) {
    const message = `The scope is "${file.scope}", but where the file lies it can only be "${source.scope}".`;
    document.report('POLICY_SCHEMA', ['scope'], message);
  }
  reportDoubles(document, file);
  return {
    default: file.default ?? null,
    rules: file.rules.map((entry, index) => compileRule(document, file.scope, entry, index)),
    exceptions: file.exceptions.map((entry, index) => compileException(document, file.scope, entry, index)),
    settings: compileSettings(document, file.settings),
    tests: file.tests.map((entry, index) => ({ entry, at: document.at(['tests', index]) })),
  };
}

function reportDoubles(document: PolicyDocument, file: PolicyFile): void {
  const seen = new Set<string>();
  file.rules.forEach(({ id }, index) => {
    if (seen.has(id)) document.report('POLICY_SCHEMA', ['rules', index, 'id'], `There are two rules "${id}".`);
    seen.add(id);
  });
}

function onlyTightening(content: Content): Content {
  return {
    ...content,
    rules: content.rules.filter((rule) => rule.effect !== 'allow').map((rule) => ({ ...rule, trusted: false })),
    exceptions: [],
    settings: new Map([...content.settings].filter(([, setting]) => setting.cap)),
  };
}
