import { posix } from 'node:path';
import { type Digest, digestOf, messageOf } from '@signalbox/kernel';
import { type Effect, strictest } from './effect.js';
import { compileLayer, type Layer, type LayerSource, type PolicyException, unreadableLayer } from './file/layer.js';
import type { PolicyOverride } from './file/override.js';
import { overrideSource } from './file/override-layer.js';
import type { PolicyProblem } from './file/problem.js';
import { compiledRules, type Rulebook } from './judge/compiled-rules.js';
import { whyNoEffect } from './judge/exception.js';
import type { MachineFacts } from './judge/facts.js';
import { nodeFacts } from './judge/node-facts.js';
import { runSelfTests } from './self-tests.js';

export type { PolicyOverride };

/** All layers together, ready to decide. */
export interface Policy extends Rulebook {
  readonly default: Effect;
  /** From the top (global) down; the overrides, if there are any, come last. */
  readonly layers: readonly Layer[];
  /** What the layers were made from, in the same order: with each text kept under its digest a decision can be replayed. */
  readonly sources: readonly LayerSource[];
  /** What makes the policy deny everything: the problems of invalid layers. Empty for a policy that is in force. */
  readonly problems: readonly PolicyProblem[];
  /** What a person should know: rules that have expired, exceptions that nothing permits. One sentence each. */
  readonly warnings: readonly string[];
  readonly digest: Digest;
  /** Absolute. */
  readonly workspace: string;
  readonly facts: MachineFacts;
}

export interface LoadOptions extends Partial<Omit<MachineFacts, 'forDecision'>> {
  /** Milliseconds since the epoch; for warnings about what has expired. */
  now: number;
  /** The absolute folder that relative paths are relative to, and outside of which programs may be trusted by name. */
  workspace: string;
  /** Where programs are looked up, colon-separated. Default: this process's `PATH`. */
  path?: string;
  /** What users let through for a while: a further layer below all files. Those that have expired may be among them. */
  overrides?: readonly PolicyOverride[];
}

const ORDER = { global: 0, project: 1, ai: 2, override: 3 } as const;

/**
 * Compiles and merges the layers. Never throws for what stands in a file: an invalid one is kept with its problems, and the
 * policy then denies everything.
 */
export function loadPolicy(files: readonly LayerSource[], options: LoadOptions): Policy {
  const sources = [...files].sort((a, b) => ORDER[a.scope] - ORDER[b.scope]);
  if (options.overrides?.length) sources.push(overrideSource(options.overrides));
  const layers = sources.map(loadLayer);
  const rules = layers.flatMap((layer) => layer.rules);
  const exceptions = layers.flatMap((layer) => layer.exceptions);
  const identities = layers.map(({ scope, path, digest, state }) => ({ scope, path, digest, state }));
  const policy: Policy = {
    layers,
    sources,
    rules,
    exceptions,
    default: mergeDefaults(layers),
    problems: layers.flatMap((layer) => (layer.state === 'invalid' ? layer.problems : [])),
    warnings: findWarnings({ rules, exceptions }, options.now),
    digest: digestOf({ engine: 1, layers: identities }),
    workspace: posix.resolve('/', options.workspace),
    facts: mergeFacts(nodeFacts(options.path ?? process.env['PATH'] ?? ''), options),
  };
  compiledRules(policy);
  return policy;
}

/** The machine's own facts, each replaced by the given one. */
function mergeFacts(machine: MachineFacts, given: LoadOptions): MachineFacts {
  const replaced = (facts: MachineFacts): MachineFacts => ({
    realPath: given.realPath ?? facts.realPath,
    exists: given.exists ?? facts.exists,
    resolveProgram: given.resolveProgram ?? facts.resolveProgram,
  });
  const isAllGiven = given.realPath && given.exists && given.resolveProgram;
  if (isAllGiven) return replaced(machine);
  return { ...replaced(machine), forDecision: () => replaced(machine.forDecision?.() ?? machine) };
}

/**
 * Layers by what they were compiled from. A process that decides often reads the same few files again and again; compiling
 * the initial policy and running its tests takes about 20 ms, looking it up next to nothing. Layers are immutable.
 */
const compiled = new Map<string, Layer>();
const MAX_COMPILED = 64;

/** Compiles one layer and runs its tests; one that fails makes the layer invalid. */
export function loadLayer(source: LayerSource): Layer {
  const key = JSON.stringify([source.scope, source.path, source.trusted, source.text, source.error]);
  const known = compiled.get(key);
  if (known) return known;
  const layer = compileAndTest(source);
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(key, layer);
  return layer;
}

function compileAndTest(source: LayerSource): Layer {
  try {
    return compileTested(source);
  } catch (thrown) {
    return unreadableLayer(source, `The file could not be compiled: ${messageOf(thrown)}`);
  }
}

function compileTested(source: LayerSource): Layer {
  const layer = compileLayer(source);
  if (layer.state === 'invalid' || layer.state === 'absent') return layer;
  const failures = runSelfTests(layer.state === 'untrusted' ? compileLayer({ ...source, trusted: true }) : layer);
  if (failures.length === 0) return layer;
  return { ...layer, state: 'invalid', problems: [...layer.problems, ...failures] };
}

/** The strictest default of all files; `ask` if none names one, and an untrusted file may not make that looser. */
function mergeDefaults(layers: readonly Layer[]): Effect {
  const trusted = layers.flatMap((layer) => (layer.state === 'loaded' && layer.default ? [layer.default] : []));
  const untrusted = layers.flatMap((layer) => (layer.state === 'untrusted' && layer.default ? [layer.default] : []));
  const upstream = trusted.length > 0 ? strictest(trusted) : 'ask';
  return strictest([upstream, ...untrusted]);
}

function findWarnings(book: Rulebook, now: number): string[] {
  const warnings: string[] = [];
  for (const { id, at, expiresAt } of book.rules) {
    if (expiresAt !== null && now >= expiresAt) warnings.push(`The rule ${id} (${at}) has expired.`);
  }
  for (const exception of book.exceptions) {
    const name = nameOf(exception);
    const idle = whyNoEffect(book.rules, exception, name);
    if (idle !== null) warnings.push(idle);
    if (exception.expiresAt !== null && now >= exception.expiresAt) warnings.push(`${name} has expired.`);
  }
  return warnings;
}

function nameOf({ scope, at }: PolicyException): string {
  return scope === 'override' ? `The override ${at.slice(at.indexOf(':') + 1)}` : `The exception at ${at}`;
}
