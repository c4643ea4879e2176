import type { LayerScope } from './file/layer.js';
import { magnitude, type Setting } from './file/settings.js';
import type { Policy } from './load.js';

export interface EffectiveSetting {
  value: string | number;
  /** The layer that the value comes from. */
  from: LayerScope;
}

/**
 * The settings in force: the nearest layer wins, except that nothing below a lock counts, and below a cap only what is
 * smaller. An untrusted layer's capped settings can make a value smaller, and nothing else of it counts.
 */
export function effectiveSettings(policy: Pick<Policy, 'layers'>): Record<string, EffectiveSetting> {
  const effective = new Map<string, EffectiveSetting & Pick<Setting, 'locked' | 'cap'>>();
  for (const layer of policy.layers) {
    if (layer.state !== 'loaded' && layer.state !== 'untrusted') continue;
    for (const [name, setting] of layer.settings) {
      const above = effective.get(name);
      if (above?.locked) continue;
      const onlySmaller = above && (above.cap || layer.state === 'untrusted');
      const keepsAbove = onlySmaller && !isSmaller(setting.value, above.value);
      effective.set(name, {
        value: keepsAbove ? above.value : setting.value,
        from: keepsAbove ? above.from : layer.scope,
        locked: layer.state === 'loaded' && setting.locked,
        cap: above?.cap === true || setting.cap,
      });
    }
  }
  return Object.fromEntries([...effective].map(([name, { value, from }]) => [name, { value, from }]));
}

function isSmaller(a: string | number, b: string | number): boolean {
  const [magnitudeA, magnitudeB] = [magnitude(a), magnitude(b)];
  return magnitudeA !== null && magnitudeB !== null && magnitudeA < magnitudeB;
}
