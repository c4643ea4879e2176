import { isDeepStrictEqual } from 'node:util';
import { type LayerSource, type LoadOptions, loadPolicy, type Policy } from '@signalbox/policy';

type Inputs = { sources: readonly LayerSource[]; options: LoadOptions };

const MOST = 16;

/**
 * Loads the policy as its files are now, and the same object as before where nothing has changed: the index of its rules hangs on it,
 * and making that takes as long as some fifty decisions.
 */
export function createPolicyLoader(
  read: (workspace: string, ai: string | undefined) => Inputs,
): (workspace: string, ai: string | undefined) => Policy {
  const loaded = new Map<string, { from: unknown; policy: Policy }>();
  return (workspace, ai) => {
    const { sources, options } = read(workspace, ai);
    const { now: _now, ...rest } = options;
    const from = { sources, rest };
    const key = `${workspace}\0${ai ?? ''}`;
    const known = loaded.get(key);
    // The texts themselves: a moment of change would not tell of two changes within one tick of the file system's clock.
    if (known && isDeepStrictEqual(known.from, from)) return known.policy;
    if (loaded.size >= MOST) loaded.clear();
    const policy = loadPolicy(sources, options);
    loaded.set(key, { from, policy });
    return policy;
  };
}
