import type { Clock } from '@signalbox/kernel';
import { createLiveMarkers } from './live-markers.js';
import { createOpener } from './open-child.js';
import { STOP_GRACE_MS } from './process-tree.js';
import { runToEnd } from './run-to-end.js';
import { spawnForLines } from './spawn-for-lines.js';
import { createSupervisorClient, noSupervisor } from './supervisor-client.js';
import { sweep } from './sweep.js';
import type { ProcessRunner } from './types.js';

export interface ProcessRunnerOptions {
  /** For graces, time limits and durations. */
  clock: Clock;
  /** Whether a supervisor process ends the trees when this process dies. Default: true. */
  supervisor?: boolean;
  /** Milliseconds between two steps of `stop`. Default: 2000. */
  stopGraceMs?: number;
}

/** Creates the runner. It costs nothing until the first child; close it when done. POSIX only: Linux, macOS, BSD. */
export function createProcessRunner(options: ProcessRunnerOptions): ProcessRunner {
  const { clock, stopGraceMs = STOP_GRACE_MS } = options;
  const supervisor = (options.supervisor ?? true) ? createSupervisorClient(clock) : noSupervisor;
  const { open, close } = createOpener(createLiveMarkers(supervisor, sweep), clock, stopGraceMs);
  return {
    spawn: (wanted) => spawnForLines(open, wanted),
    run: (wanted) => runToEnd(open, clock, wanted),
    async close() {
      await close();
      supervisor.close();
    },
  };
}
