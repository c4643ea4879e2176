import { effectiveSettings } from '../effective-settings.js';
import type { Layer, LayerScope } from '../file/layer.js';
import type { Setting } from '../file/settings.js';
import type { Policy } from '../load.js';
import type { OverruledSetting, ShownSetting } from './shown-policy.js';

interface Named {
  layer: Layer;
  setting: Setting;
}

/** Every setting that any layer names, with what became of each of its values. */
export function showSettings(policy: Policy): ShownSetting[] {
  const effective = effectiveSettings(policy);
  return Object.entries(effective).map(([name, { value, from }]) => {
    const named = policy.layers.flatMap((layer): Named[] => {
      const setting = layer.settings.get(name);
      const counts = layer.state === 'loaded' || layer.state === 'untrusted';
      return setting && counts ? [{ layer, setting }] : [];
    });
    return { name, value, from, overruled: overruled(named, from) };
  });
}

/** `named`: the layers that name a setting, from the top down. */
function overruled(named: readonly Named[], winner: LayerScope): OverruledSetting[] {
  const lock = named.find(({ layer, setting }) => layer.state === 'loaded' && setting.locked);
  return named.flatMap(({ layer, setting }, index): OverruledSetting[] => {
    const from = layer.scope;
    if (from === winner) return [];
    const { value } = setting;
    if (lock && named.indexOf(lock) < index) return [{ from, value, why: 'locked', by: lock.layer.scope }];
    const above = named.slice(0, index);
    if (!above.some((each) => each.layer.scope === winner)) return [{ from, value, why: 'nearer', by: winner }];
    const cap = above.find((each) => each.setting.cap);
    if (cap) return [{ from, value, why: 'capped', by: cap.layer.scope }];
    return [{ from, value, why: 'untrusted', by: winner }];
  });
}
