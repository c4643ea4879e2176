import type { Clock } from '@signalbox/kernel';
import { ConnectorError } from '../errors.js';
import type { LiveMarkers } from './live-markers.js';
import { markedEnvironment } from './marker.js';
import { type ProcessTree, watchTree } from './process-tree.js';
import type { StartChild, StartedChild, Stdio } from './start-child.js';
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

interface OpenerOptions {
  start: StartChild;
  markers: LiveMarkers;
  clock: Clock;
  graceMs: number;
}

export function createOpener({ start, markers, clock, graceMs }: OpenerOptions): Opener {
  const starting = new Set<Promise<unknown>>();
  const running = new Set<ProcessTree>();
  let closed = false;
  const refuseWhenClosed = (): void => {
    if (closed) throw closedError();
  };
  const startEntered = async (command: CommandOptions, environment: Record<string, string>, stdio: Stdio) => {
    const { argv, cwd, marker, isLauncher = false } = command;
    try {
      refuseWhenClosed();
      const child = await start(argv, { cwd, environment, stdio, isLauncher });
      const tree = watchTree(child, { clock, graceMs, sweep: () => markers.leave(marker.attempt) });
      running.add(tree);
      void tree.gone.then(() => running.delete(tree));
      return { ...child, tree };
    } catch (error) {
      await markers.leave(marker.attempt);
      throw error;
    }
  };
  return {
    async open(command, stdio) {
      refuseWhenClosed();
      const environment = markedEnvironment(command.environment, command.marker);
      await markers.enter(command.marker.attempt);
      const opened = startEntered(command, environment, stdio);
      starting.add(opened);
      try {
        return await opened;
      } finally {
        starting.delete(opened);
      }
    },
    async close() {
      closed = true;
      await Promise.allSettled(starting);
      await Promise.all([...running].map((tree) => tree.stop('The process runner was closed.')));
    },
  };
}

function closedError(): ConnectorError {
  return new ConnectorError({
    code: 'RUNNER_CLOSED',
    message: 'The process runner is closed.',
    hint: 'Create another one.',
  });
}
