import type { Clock } from '@signalbox/kernel';
import { type HelperUse, startCheaply } from './choose-start.js';
import { createSpawnHelper } from './helper-client.js';
import { createLiveMarkers } from './live-markers.js';
import { createOpener } from './open-child.js';
import { STOP_GRACE_MS } from './process-tree.js';
import { runToEnd } from './run-to-end.js';
import { spawnForLines } from './spawn-for-lines.js';
import { startChild } from './start-child.js';
import { createSupervisedSweep } from './supervised-sweep.js';
import { createSupervisorClient } from './supervisor-client.js';
import { sweep } from './sweep.js';
import type { ProcessRunner } from './types.js';

export interface ProcessRunnerOptions {
  /** For graces, time limits and durations. */
  clock: Clock;
  /** Whether a supervisor process ends the trees when this process dies. Default: true. */
  supervisor?: boolean;
  /**
   * Whether the supervisor also starts the children, so that this process need not be forked, which takes the longer the
   * larger it is, with the event loop blocked. `auto`, the default: once it is large, if there is a supervisor.
   */
  helper?: HelperUse;
  /** Milliseconds between two steps of `stop`. Default: 2000. */
  stopGraceMs?: number;
}

/** Creates the runner. It costs nothing until the first child; close it when done. POSIX only: Linux, macOS, BSD. */
export function createProcessRunner(options: ProcessRunnerOptions): ProcessRunner {
  const { clock, supervisor = true, helper: use = 'auto', stopGraceMs = STOP_GRACE_MS } = options;
  const client = supervisor || use === 'always' ? createSupervisorClient(clock) : null;
  const watcher = supervisor && client ? client : { watch() {}, done() {} };
  const helper = client && createSpawnHelper(client);
  const start =
    client && helper ? startCheaply(use, helper, client.ready, () => process.memoryUsage.rss()) : startChild;
  const markers = createLiveMarkers(watcher, client ? createSupervisedSweep(client) : sweep);
  const { open, close } = createOpener({ start, markers, clock, graceMs: stopGraceMs });
  return {
    spawn: (wanted) => spawnForLines(open, wanted),
    run: (wanted) => runToEnd(open, clock, wanted),
    async close() {
      await close();
      helper?.close();
      client?.close();
    },
  };
}
