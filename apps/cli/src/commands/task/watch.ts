import { systemClock } from '@signalbox/kernel';
import { followLedger } from '@signalbox/runtime';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { writeEntry } from '../audit/log.js';
import { taskFilter } from './look.js';

/** Follows what happens to a task, or to all, until interrupted. With `--json` as the CloudEvents that the ledger holds. */
export async function watch(io: Io, prefix: string | undefined, options: CommonOptions): Promise<void> {
  await withStore(io, options, async (store) => {
    const filter = { ...(await taskFilter(store, prefix)), ...(prefix === undefined ? { kind: 'task.' } : {}) };
    const entries = followLedger(store.db, store.ledger, { clock: systemClock, filter, signal: io.signal });
    for await (const entry of entries) {
      if (!options.json) writeEntry(io, { ...options, ...(prefix === undefined ? {} : { task: prefix }) }, entry);
      else
        for (const { line } of store.ledger.lines(entry.seq - 1)) {
          io.stdout.write(`${line}\n`);
          break;
        }
    }
  });
}
