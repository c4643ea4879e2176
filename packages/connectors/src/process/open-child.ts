import type { Clock } from '@signalbox/kernel';
import { ConnectorError } from '../errors.js';
import type { LiveMarkers } from './live-markers.js';
import { markedEnvironment } from './marker.js';
import { type ProcessTree, watchTree } from './process-tree.js';
import { type StartedChild, type Stdio, startChild } from './start-child.js';
import type { CommandOptions } from './types.js';

export interface OpenedChild extends StartedChild {
  tree: ProcessTree;
}

/** Starts one marked child and watches its tree. Throws as `ProcessRunner.spawn` does. */
export type OpenChild = (command: CommandOptions, stdio: Stdio) => Promise<OpenedChild>;

interface Opener {
  open: OpenChild;
  /** Stops every child and refuses new ones. */
  close(): Promise<void>;
}

export function createOpener(markers: LiveMarkers, clock: Clock, graceMs: number): Opener {
  const running = new Set<ProcessTree>();
  let closed = false;
  const refuseWhenClosed = (): void => {
    if (!closed) return;
    throw new ConnectorError({
      code: 'RUNNER_CLOSED',
      message: 'The process runner is closed.',
      hint: 'Create another one.',
    });
  };
  return {
    async open(command, stdio) {
      refuseWhenClosed();
      const environment = markedEnvironment(command.environment, command.marker);
      const { attempt } = command.marker;
      await markers.enter(attempt);
      try {
        refuseWhenClosed();
        const started = await startChild(command.argv, { cwd: command.cwd, environment, stdio });
        const tree = watchTree(started.child, { clock, graceMs, sweep: () => markers.leave(attempt) });
        running.add(tree);
        void tree.gone.then(() => running.delete(tree));
        return { ...started, tree };
      } catch (error) {
        await markers.leave(attempt);
        throw error;
      }
    },
    async close() {
      closed = true;
      await Promise.all([...running].map((tree) => tree.stop('The process runner was closed.')));
    },
  };
}
