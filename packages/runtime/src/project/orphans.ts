import { bootId, isAlive } from '@signalbox/connectors';
import type { Executor, HeldTask } from '@signalbox/task-core';
import type { ProjectStore } from './open-store.js';

/** The held tasks whose executor ran on this machine and is dead. A holder without a process has only its TTL. */
export async function findOrphans(store: ProjectStore, host: string): Promise<HeldTask[]> {
  const held = await store.tasks.held();
  return held.filter(({ executor }) => executor !== null && executor.host === host && !isExecutorAlive(executor));
}

/** Whether the process that holds something still runs: on this machine, since its start and no other. */
export function isExecutorAlive(executor: Executor): boolean {
  return executor.boot === bootId() && isAlive({ pid: executor.pid, startTime: executor.startTime });
}
