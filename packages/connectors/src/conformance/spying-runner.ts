import type { ProcessRunner, SpawnOptions } from '../process/types.js';

type Started = Pick<SpawnOptions, 'argv' | 'environment' | 'marker'>;

/** A runner that remembers what was started through it. */
export interface SpyingRunner extends ProcessRunner {
  readonly started: readonly Started[];
}

export function spyOn(processes: ProcessRunner): SpyingRunner {
  const started: Started[] = [];
  return {
    started,
    spawn(options) {
      started.push(options);
      return processes.spawn(options);
    },
    run(options) {
      started.push(options);
      return processes.run(options);
    },
    close: () => processes.close(),
  };
}
