import type { Policy } from '@signalbox/policy';
import type { PolicyTexts } from '@signalbox/policy/records';

/** Keeps the texts of a policy under their digests, so that a decision by it can be replayed once the files have changed. */
export function keepPolicyTexts(texts: PolicyTexts, policy: Policy): void {
  const layers = policy.layers.map(({ scope, path, digest }) => {
    const source = policy.sources.find((each) => each.scope === scope && each.path === path);
    return { scope, path, digest, text: source?.text ?? null };
  });
  texts.keep(layers, ({ scope, path, digest }) => [
    { kind: 'policy.loaded', actor: 'system', subject: 'project', data: { scope, path, digest } },
  ]);
}
