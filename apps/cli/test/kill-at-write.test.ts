import { join } from 'node:path';
import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { openSqlite } from '@signalbox/kernel/sqlite';
import type { Started } from './support/binary.js';
import { checkoutOfProject } from './support/checkout.js';
import { expectRecovery, type KillBench, withKillBench } from './support/kill-bench.js';
import type { Project } from './support/project.js';

const LANES = 3;

/** Looks at the ledger as it grows, as often as this machine lets it. */
function watchLedger(project: Project): { size(): number; close(): void } {
  const db = openSqlite(join(project.root, '.ai/state/signalbox.db'), { mode: 'read-only' });
  const statement = db.prepare('SELECT size FROM ledger_head');
  return { size: () => Number(statement.get()?.['size']), close: () => db.close() };
}

async function begin(bench: KillBench): Promise<Started> {
  bench.release('agent');
  bench.release('check');
  return bench.start();
}

/** How many entries an execution writes that nobody disturbs. */
async function countWrites(): Promise<number> {
  let count = 0;
  await withKillBench(async (bench) => {
    const ledger = watchLedger(bench.project);
    const before = ledger.size();
    expect((await (await begin(bench)).ended).exitCode).toBe(0);
    count = ledger.size() - before;
    ledger.close();
  });
  return count;
}

/** Kills an execution as soon as it has written so many entries. */
async function killAfterWrites(count: number): Promise<void> {
  await withKillBench(async (bench) => {
    const checkout = checkoutOfProject(bench.project);
    const ledger = watchLedger(bench.project);
    const last = ledger.size() + count;
    const started = await begin(bench);
    let over = false;
    void started.ended.then(() => {
      over = true;
    });
    while (!over && ledger.size() < last) await turn();
    started.kill('SIGKILL');
    await started.ended;
    ledger.close();
    await expectRecovery(bench, checkout);
  });
}

describe('an execution killed with SIGKILL at every write to the ledger', () => {
  it('has each change with its entry or neither, and is done by the next one', async () => {
    const writes = await countWrites();
    expect(writes).toBeGreaterThan(8);
    const lane = async (first: number): Promise<void> => {
      for (let count = first; count <= writes; count += LANES) {
        await killAfterWrites(count).catch((error: unknown) => {
          throw new Error(`Killed after ${count} of ${writes} entries: ${String(error)}`, { cause: error });
        });
      }
    };
    const lanes = await Promise.allSettled(Array.from({ length: LANES }, (_, first) => lane(first + 1)));
    for (const ended of lanes) if (ended.status === 'rejected') throw ended.reason;
  }, 180_000);
});
