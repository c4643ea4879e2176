import { testAddingLocks } from './adding-locks.js';
import { testAgeing } from './ageing.js';
import { testBadInput } from './bad-input.js';
import { testBatches } from './batches.js';
import { createBench, type DeclareTest } from './bench.js';
import { testBlocking } from './blocking.js';
import { testCancelling } from './cancelling.js';
import { testClaiming } from './claiming.js';
import { testCreating } from './creating.js';
import { testCycles } from './cycles.js';
import { testDependencies } from './dependencies.js';
import { testEnqueuingMany } from './enqueuing-many.js';
import { testFailures } from './failures.js';
import { testHolding } from './holding.js';
import { testHubs } from './hubs.js';
import { testListing } from './listing.js';
import { testLosing } from './losing.js';
import { testNeedFailures } from './need-failures.js';
import { testPathLocks } from './path-locks.js';
import { testReaping } from './reaping.js';
import { testRecording } from './recording.js';
import { testRequeuing } from './requeuing.js';
import { testResolving } from './resolving.js';
import { testRetrying } from './retrying.js';
import { testSettling } from './settling.js';
import type { OpenStore, TestRunner } from './store-under-test.js';
import { testSubscribing } from './subscribing.js';
import { testUnblocking } from './unblocking.js';
import { testUpdating } from './updating.js';
import { testWaiting } from './waiting.js';

const THEMES: Record<string, (test: DeclareTest) => void> = {
  'creating a task': testCreating,
  'listing tasks': testListing,
  'resolving an id': testResolving,
  'claiming a task': testClaiming,
  'path locks': testPathLocks,
  'waiting for a path lock': testWaiting,
  'holding a task': testHolding,
  'losing a lease': testLosing,
  'settling a task': testSettling,
  'a failed attempt': testFailures,
  'reaping expired leases': testReaping,
  'requeueing by an operator': testRequeuing,
  'tasks that need others': testDependencies,
  'recording what happened': testRecording,
  'adding many tasks': testEnqueuingMany,
  'claiming and settling many tasks': testBatches,
  'changing a task': testUpdating,
  'a cycle of needs': testCycles,
  'needs that fail': testNeedFailures,
  'tasks that very many need': testHubs,
  'a block by the holder': testBlocking,
  'ending a block': testUnblocking,
  'adding a lock to a held task': testAddingLocks,
  'cancelling a task': testCancelling,
  'retrying a failed task': testRetrying,
  ageing: testAgeing,
  'a listener': testSubscribing,
  'bad input': testBadInput,
};

/**
 * Declares what every {@link TaskStore} must do, as tests of `runner`: hand in the `describe` and `it` of jest, vitest or
 * `node:test`. `open` gives each test a store of its own, which is closed after it. One process is enough for these; that
 * several processes on one store never hold the same task has to be shown apart.
 */
export function describeTaskStore(name: string, open: OpenStore, runner: TestRunner): void {
  const test: DeclareTest = (title, body) =>
    runner.it(title, async () => {
      const opened = await open();
      try {
        await body(createBench(opened));
      } finally {
        await opened.close();
      }
    });
  runner.describe(name, () => {
    for (const [theme, declare] of Object.entries(THEMES)) runner.describe(theme, () => declare(test));
  });
}
