import { posix } from 'node:path';
import { type Digest, digestOf } from '@signalbox/kernel';
import { type Effect, strictest } from './effect.js';
import { compileLayer, type Layer, type LayerSource } from './file/layer.js';
import type { PolicyProblem } from './file/problem.js';
import type { MachineFacts } from './judge/facts.js';
import type { Rulebook } from './judge/judge-part.js';
import { nodeFacts } from './judge/node-facts.js';
import { runSelfTests } from './self-tests.js';

/** All layers together, ready to decide. */
export interface Policy extends Rulebook {
  /** From the top (global) down. */
  readonly layers: readonly Layer[];
  /** What makes the policy deny everything: the problems of invalid layers. Empty for a policy that is in force. */
  readonly problems: readonly PolicyProblem[];
  /** What a person should know: rules that have expired, exceptions that nothing permits. One sentence each. */
  readonly warnings: readonly string[];
  readonly digest: Digest;
  /** Absolute. */
  readonly workspace: string;
  readonly facts: MachineFacts;
}

export interface LoadOptions extends Partial<MachineFacts> {
  /** Milliseconds since the epoch; for warnings about what has expired. */
  now: number;
  /** The absolute folder that relative paths are relative to, and outside of which programs may be trusted by name. */
  workspace: string;
  /** Where programs are looked up, colon-separated. Default: this process's `PATH`. */
  path?: string;
}

const ORDER = { global: 0, project: 1, ai: 2 } as const;

/**
 * Compiles and merges the layers. Never throws for what stands in a file: an invalid one is kept with its problems, and the
 * policy then denies everything.
 */
export function loadPolicy(sources: readonly LayerSource[], options: LoadOptions): Policy {
  const layers = [...sources].sort((a, b) => ORDER[a.scope] - ORDER[b.scope]).map(loadLayer);
  const rules = layers.flatMap((layer) => layer.rules);
  const exceptions = layers.flatMap((layer) => layer.exceptions);
  const machine = nodeFacts(options.path ?? process.env['PATH'] ?? '');
  const identities = layers.map(({ scope, path, digest, state }) => ({ scope, path, digest, state }));
  return {
    layers,
    rules,
    exceptions,
    default: mergeDefaults(layers),
    problems: layers.flatMap((layer) => (layer.state === 'invalid' ? layer.problems : [])),
    warnings: findWarnings({ rules, exceptions }, options.now),
    digest: digestOf({ engine: 1, layers: identities }),
    workspace: posix.resolve('/', options.workspace),
    facts: {
      realPath: options.realPath ?? machine.realPath,
      exists: options.exists ?? machine.exists,
      resolveProgram: options.resolveProgram ?? machine.resolveProgram,
    },
  };
}

/**
 * Layers by what they were compiled from. A process that decides often reads the same few files again and again; compiling
 * the initial policy and running its tests takes about 20 ms, looking it up next to nothing. Layers are immutable.
 */
const compiled = new Map<string, Layer>();
const MAX_COMPILED = 64;

/** Compiles one layer and runs its tests; one that fails makes the layer invalid. */
export function loadLayer(source: LayerSource): Layer {
  const key = JSON.stringify([source.scope, source.path, source.trusted, source.text]);
  const known = compiled.get(key);
  if (known) return known;
  const layer = compileAndTest(source);
  if (compiled.size >= MAX_COMPILED) compiled.clear();
  compiled.set(key, layer);
  return layer;
}

function compileAndTest(source: LayerSource): Layer {
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

function findWarnings(book: Pick<Rulebook, 'rules' | 'exceptions'>, now: number): string[] {
  const warnings: string[] = [];
  for (const { id, at, expiresAt } of book.rules) {
    if (expiresAt !== null && now >= expiresAt) warnings.push(`The rule ${id} (${at}) has expired.`);
  }
  for (const { rule, at, scope, expiresAt } of book.exceptions) {
    const target = book.rules.find(({ id }) => id === rule);
    if (!target) warnings.push(`The exception at ${at} is for ${rule}, and there is no such rule.`);
    else if (!target.overridableBy.includes(scope)) {
      warnings.push(`The exception at ${at} has no effect: ${rule} is not overridable by ${scope}.`);
    }
    if (expiresAt !== null && now >= expiresAt) warnings.push(`The exception at ${at} has expired.`);
  }
  return warnings;
}
