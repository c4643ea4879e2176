import { type AIChange, updateAI } from '@signalbox/runtime';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseInteger } from '../../parse.js';
import { print } from '../../terminal/print.js';
import { withSignalbox } from '../../with-signalbox.js';
import { configOf } from './register.js';

export interface UpdateOptions extends CommonOptions {
  maxConcurrent?: string;
  capability?: string[];
  removeCapability?: string[];
  config?: string[];
}

export async function update(io: Io, id: string, options: UpdateOptions): Promise<void> {
  const change = changeOf(options);
  const ai = await withSignalbox(io, options, async (box) =>
    updateAI(box.executor, box.actor, await box.store.ais.resolve(id), change),
  );
  print(io, options, ai, ({ id: named, maxConcurrent, capabilities, config }) => {
    const declared = capabilities.length > 0 ? `; declared: ${capabilities.join(' ')}` : '';
    const settings = Object.keys(config).length > 0 ? `; config ${JSON.stringify(config)}` : '';
    return `${named}: runs at most ${maxConcurrent} at once${declared}${settings}`;
  });
}

function changeOf({ maxConcurrent, capability, removeCapability, config }: UpdateOptions): AIChange {
  const settings = Object.entries(configOf(config ?? []));
  const change: AIChange = {
    ...(maxConcurrent === undefined
      ? {}
      : { maxConcurrent: parseInteger(maxConcurrent, '--max-concurrent', 1, 1_000) }),
    ...(capability ? { addCapabilities: capability } : {}),
    ...(removeCapability ? { removeCapabilities: removeCapability } : {}),
    ...(config
      ? {
          config: Object.fromEntries(settings.filter(([, value]) => value !== '')),
          removeConfig: settings.filter(([, value]) => value === '').map(([key]) => key),
        }
      : {}),
  };
  if (Object.keys(change).length > 0) return change;
  throw usage('Nothing was said that is to change.', 'Give at least one option, such as --max-concurrent 2.');
}
