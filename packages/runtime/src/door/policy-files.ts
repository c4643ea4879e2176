import { messageOf } from '@signalbox/kernel';
import { type LayerSource, loadPolicy, type Policy } from '@signalbox/policy';
import { aiPolicyPath, type ProjectPaths } from '../project/paths.js';
import { readIfPresent } from '../project/read-file.js';
import { openTrustStore } from '../project/trust.js';

/** The policy files that bear on a request: global, project, and the AI's own when an AI is concerned. */
export function policySources(paths: ProjectPaths, ai?: string): LayerSource[] {
  const trust = openTrustStore(paths.trust);
  const source = (scope: LayerSource['scope'], path: string): LayerSource => {
    const { text, error } = readPolicyFile(path);
    // What lies in the user's own folder needs no agreement.
    const trusted = scope === 'global' || (text !== null && trust.isTrusted(path, text));
    // Named as a person sees it; the absolute path would tell a reader of the ledger about this machine.
    const shown = scope === 'global' ? 'global policy.yaml' : path.slice(paths.root.length + 1);
    return { scope, path: shown, text, trusted, ...(error === undefined ? {} : { error }) };
  };
  return [
    source('global', paths.globalPolicy),
    source('project', paths.policy),
    ...(ai === undefined ? [] : [source('ai', aiPolicyPath(paths, ai))]),
  ];
}

/** A file that is there and cannot be read is not the same as none: it denies everything. */
function readPolicyFile(path: string): { text: string | null; error?: string } {
  try {
    return { text: readIfPresent(path) };
  } catch (error) {
    return { text: null, error: (error as NodeJS.ErrnoException).code ?? messageOf(error) };
  }
}

/** Reads and compiles the policy. Never throws for a bad file: it then denies everything and says where the fault is. */
export function readPolicy(paths: ProjectPaths, now: number, path: string, ai?: string): Policy {
  return loadPolicy(policySources(paths, ai), { now, workspace: paths.root, path });
}
