import type { LayerScope } from './file/layer.js';
import { magnitude, type Setting } from './file/settings.js';
import type { Policy } from './load.js';

export interface EffectiveSetting {
  value: string | number;
  /** The layer that the value comes from. */
  from: LayerScope;
}

/** What holds where no layer says anything. */
const BUILT_IN: Readonly<Record<string, string>> = { approval_wait: '10m', approval_expiry: '24h' };

interface InForce extends EffectiveSetting {
  cap: boolean;
  /** The place of the layer that locks it. */
  lockedAt: number;
}

/**
 * The settings in force: the nearest layer wins, except that nothing below a lock counts, and below a cap only what is
 * smaller. An untrusted layer's capped settings can make a value smaller, also one that is built in, and nothing else of it
 * counts.
 */
export function effectiveSettings(policy: Pick<Policy, 'layers'>): Record<string, EffectiveSetting> {
  const effective = new Map<string, InForce>();
  policy.layers.forEach((layer, place) => {
    if (layer.state !== 'loaded') return;
    for (const [name, setting] of layer.settings) overlay(effective, name, { setting, from: layer.scope, place });
  });
  policy.layers.forEach((layer, place) => {
    if (layer.state !== 'untrusted') return;
    for (const [name, { value }] of layer.settings) {
      const found = effective.get(name);
      const limit = found?.value ?? (Object.hasOwn(BUILT_IN, name) ? BUILT_IN[name] : undefined);
      if ((found && found.lockedAt < place) || (limit !== undefined && !isSmaller(value, limit))) continue;
      effective.set(name, {
        value,
        from: layer.scope,
        cap: true,
        lockedAt: found?.lockedAt ?? Number.POSITIVE_INFINITY,
      });
    }
  });
  return Object.fromEntries([...effective].map(([name, { value, from }]) => [name, { value, from }]));
}

function overlay(
  effective: Map<string, InForce>,
  name: string,
  { setting, from, place }: { setting: Setting; from: LayerScope; place: number },
): void {
  const above = effective.get(name);
  if (above && above.lockedAt < place) return;
  const keepsAbove = above?.cap === true && !isSmaller(setting.value, above.value);
  effective.set(name, {
    ...(keepsAbove ? { value: above.value, from: above.from } : { value: setting.value, from }),
    cap: above?.cap === true || setting.cap,
    lockedAt: setting.locked ? place : Number.POSITIVE_INFINITY,
  });
}

function isSmaller(a: string | number, b: string | number): boolean {
  const [magnitudeA, magnitudeB] = [magnitude(a), magnitude(b)];
  return magnitudeA !== null && magnitudeB !== null && magnitudeA < magnitudeB;
}
