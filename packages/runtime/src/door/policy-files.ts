import { type LayerSource, loadPolicy, type Policy } from '@signalbox/policy';
import { aiPolicyPath, type ProjectPaths } from '../project/paths.js';
import { findText } from '../project/read-file.js';
import { openTrustStore, type TrustStore } from '../project/trust.js';

type FileSource = LayerSource & { scope: 'global' | 'project' | 'ai' };

/**
 * The sources of the policy that bears on a request: the files as they are, global, project, and the AI's own when an AI is
 * concerned. A file that is not as the user agreed to it is followed by what they agreed to, of which what tightens goes on
 * counting.
 */
export function policySources(paths: ProjectPaths, ai?: string): LayerSource[] {
  const trust = openTrustStore(paths.trust);
  return filesFor(paths, ai).flatMap((file) => {
    const present = sourceOf(paths, trust, file);
    return present.trusted ? [present] : [present, ...agreedSource(trust, file.path, present)];
  });
}

/** The policy files as they are, whatever was agreed to. One that is there and cannot be read denies everything. */
export function presentSources(paths: ProjectPaths, ai?: string): LayerSource[] {
  const trust = openTrustStore(paths.trust);
  return filesFor(paths, ai).map((file) => sourceOf(paths, trust, file));
}

interface PlacedFile {
  scope: FileSource['scope'];
  path: string;
}

function filesFor(paths: ProjectPaths, ai: string | undefined): PlacedFile[] {
  return [
    { scope: 'global', path: paths.globalPolicy },
    { scope: 'project', path: paths.policy },
    ...(ai === undefined ? [] : [{ scope: 'ai' as const, path: aiPolicyPath(paths, ai) }]),
  ];
}

function sourceOf(paths: ProjectPaths, trust: TrustStore, { scope, path }: PlacedFile): FileSource {
  const { text, error } = findText(path);
  // What lies in the user's own folder needs no agreement.
  const trusted = scope === 'global' || (text !== null && trust.isTrusted(path, text));
  // Named as a person sees it; the absolute path would tell a reader of the ledger about this machine.
  const shown = scope === 'global' ? 'global policy.yaml' : path.slice(paths.root.length + 1);
  return { scope, path: shown, text, trusted, ...(error === undefined ? {} : { error }) };
}

function agreedSource(trust: TrustStore, file: string, present: FileSource): LayerSource[] {
  const agreed = trust.agreed(file);
  if (agreed === null) return [];
  const { scope, path } = present;
  const source = { scope, path: `${path} (as you agreed to it)`, trusted: false } as const;
  if (agreed.text !== null) return [{ ...source, text: agreed.text }];
  return [{ ...source, text: null, error: 'This text is not kept any more; look and agree with `signalbox trust`.' }];
}

/** Reads and compiles the policy. Never throws for a bad file: it then denies everything and says where the fault is. */
export function readPolicy(paths: ProjectPaths, now: number, path: string, ai?: string): Policy {
  return loadPolicy(policySources(paths, ai), { now, workspace: paths.root, path });
}
