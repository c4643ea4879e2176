import { join } from 'node:path';
import { timeFigure } from '../figures.mjs';
import { measureAlone, timed } from '../measure.mjs';
import { fill, openQueue, record, TTL } from './queue.mjs';

const LEASES = 1_000;

/** A thousand holders whose heartbeats come at the same time, under full durability. */
export async function measureRenewals(reps, folder) {
  const queue = openQueue(join(folder, 'renewals.db'));
  await fill(queue, LEASES);
  const { claimed } = await queue.store.claimMany({ holder: 'bench', ttlMs: TTL }, LEASES, record);
  const refs = claimed.map(({ task, lease }) => ({ task: task.id, lease: lease.id }));
  const times = await measureAlone(reps, () =>
    timed(() => Promise.all(refs.map((ref) => queue.store.heartbeat(ref, record)))),
  );
  queue.db.close();
  return [timeFigure('1,000 lease renewals', times, { bound: 3 })];
}
