import { canonicalJson, messageOf, sha256 } from '@signalbox/kernel';
import { parseExpiry } from './expiry.js';
import type { Layer, LayerSource, PolicyException } from './layer.js';
import { overrideList, type PolicyOverride } from './override.js';
import type { PolicyProblem } from './problem.js';

const PATH = 'overrides';
const MAX_BYTES = 1024 * 1024;

/**
 * The source of the layer that holds overrides: the canonical JSON of the list, by id, so that the same overrides always
 * have the same digest. What JSON cannot carry makes the layer unreadable, and everything is then denied.
 */
export function overrideSource(overrides: readonly PolicyOverride[]): LayerSource {
  const source = { scope: 'override', path: PATH, trusted: true } as const;
  try {
    const sorted = [...overrides].sort((a, b) => (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
    return { ...source, text: canonicalJson(sorted.map(onlyOwnFields)) };
  } catch (thrown) {
    return { ...source, text: null, error: messageOf(thrown) };
  }
}

/** A store keeps more about an override than a decision depends on. */
function onlyOwnFields(override: PolicyOverride): PolicyOverride {
  const { id, rule, effect, ai, task, label, reason, by, createdAt, expiresAt } = override;
  return { id, rule, effect, ai, task, label, reason, by, createdAt, expiresAt };
}

/** Compiles the text of an override layer; one that is not a list of overrides is invalid. */
export function compileOverrides(source: LayerSource & { text: string }): Layer {
  const problems: PolicyProblem[] = [];
  const exceptions = readOverrides(source.text, (message) => {
    problems.push({ file: source.path, line: 1, column: 1, code: 'POLICY_SCHEMA', message });
  });
  const state = problems.length > 0 ? 'invalid' : source.trusted ? 'loaded' : 'untrusted';
  return {
    scope: source.scope,
    path: source.path,
    digest: sha256(source.text),
    state,
    default: null,
    rules: [],
    exceptions: state === 'loaded' ? exceptions : [],
    settings: new Map(),
    tests: [],
    problems,
  };
}

function readOverrides(text: string, report: (message: string) => void): PolicyException[] {
  if (Buffer.byteLength(text) > MAX_BYTES) {
    report('The list of overrides may have 1 MiB.');
    return [];
  }
  const list = overrideList.safeParse(parseJson(text));
  if (!list.success) {
    for (const { path, message } of list.error.issues) report(`${nameOf(path)}: ${message}`);
    return [];
  }
  const seen = new Set<string>();
  return list.data.map((override) => {
    if (seen.has(override.id)) report(`There are two overrides ${override.id}.`);
    seen.add(override.id);
    const expiresAt = override.expiresAt === null ? null : parseExpiry(override.expiresAt);
    if (override.expiresAt !== null && expiresAt === null) {
      report(`"${override.expiresAt}", the expiry of ${override.id}, is no instant of ISO 8601 with a zone.`);
    }
    return exceptionOf(override, expiresAt);
  });
}

function exceptionOf(override: PolicyOverride, expiresAt: number | null): PolicyException {
  const { id, rule, effect, ai, task, label, reason, by } = override;
  return {
    rule,
    effect,
    when: null,
    reason,
    by,
    scope: 'override',
    expiresAt,
    at: `${PATH}:${id}`,
    only: { ai, task, label },
  };
}

/** `undefined`, which is no list, for what is not JSON. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function nameOf(path: readonly PropertyKey[]): string {
  return `overrides${path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('')}`;
}
