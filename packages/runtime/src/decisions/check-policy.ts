import { basename } from 'node:path';
import { type LayerSource, loadPolicy, type Policy } from '@signalbox/policy';
import { type FindingsOptions, type FindingsReport, findPolicyConflicts } from '@signalbox/policy/findings';
import { policySources, presentSources } from '../door/policy-files.js';
import { RuntimeError } from '../errors.js';
import type { ProjectStore } from '../project/open-store.js';
import { aiPolicyFiles } from '../project/untrusted.js';
import { requireAIId } from './ai-id.js';

/** The policy of the project, or of one AI in it, with every file taken as trusted: what it would be. */
export function wholePolicy(store: ProjectStore, path: string, ai?: string): Policy {
  return loadFrom(
    store,
    presentSources(store.paths, ai).map((source) => ({ ...source, trusted: true })),
    path,
  );
}

function loadFrom({ paths, clock, records }: ProjectStore, sources: readonly LayerSource[], path: string): Policy {
  const overrides = records.overrides.active();
  return loadPolicy(sources, { now: clock.now(), workspace: paths.root, path, overrides });
}

/** The policy of the project, or of one AI in it, as it counts: what loosens in files that nobody trusts does not. Throws `INVALID_AI`. */
export function wholePolicyInForce(store: ProjectStore, path: string, ai?: string): Policy {
  if (ai !== undefined) requireAIId(ai);
  return loadFrom(store, policySources(store.paths, ai), path);
}

/** The AIs that have a policy file of their own. */
export function aisWithPolicy(store: Pick<ProjectStore, 'paths'>): string[] {
  return aiPolicyFiles(store.paths).files.map((file) => basename(file, '.yaml'));
}

/**
 * What is wrong with the rules taken together: those of the project, and then those of each AI on top. Throws `POLICY_INVALID` for a
 * file that cannot be read as a policy.
 */
export function checkConflicts(store: ProjectStore, path: string, options: FindingsOptions = {}): FindingsReport {
  const { error } = aiPolicyFiles(store.paths);
  if (error !== undefined) throw invalid(`The policies of AIs in .ai/policy cannot be read: ${error}`);
  const found: FindingsReport = { findings: [], unknown: [] };
  const seen = new Set<string>();
  for (const ai of [undefined, ...aisWithPolicy(store)]) {
    const policy = wholePolicy(store, path, ai);
    refuseInvalid(policy);
    const report = findPolicyConflicts(policy, { now: store.clock.now(), ...options });
    for (const finding of report.findings) if (isNew(seen, finding)) found.findings.push(finding);
    for (const unknown of report.unknown) if (isNew(seen, unknown)) found.unknown.push(unknown);
  }
  return found;
}

function isNew(seen: Set<string>, each: { message?: string; reason?: string; at: unknown }): boolean {
  const key = JSON.stringify([each.message ?? each.reason, each.at]);
  const known = seen.has(key);
  seen.add(key);
  return !known;
}

export function refuseInvalid(policy: Policy): void {
  const [problem] = policy.problems;
  if (!problem) return;
  const { file, line, column, message } = problem;
  throw invalid(`The policy file is not valid (${file}:${line}:${column}): ${message}`);
}

function invalid(message: string): RuntimeError {
  return new RuntimeError({
    code: 'POLICY_INVALID',
    message,
    hint: 'See every fault with `signalbox policy validate`.',
  });
}
