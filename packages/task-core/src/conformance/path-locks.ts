import assert from 'node:assert/strict';
import type { PathLock } from '../task.js';
import { type Bench, type DeclareTest, same, TTL } from './bench.js';

const exclusive = (...globs: string[]): PathLock[] => globs.map((glob) => ({ glob, mode: 'exclusive' }));
const shared = (...globs: string[]): PathLock[] => globs.map((glob) => ({ glob, mode: 'shared' }));

/** Whether a task with the locks `wanted` can be claimed while another holds `held`. */
async function coexist(bench: Bench, held: PathLock[], wanted: PathLock[]): Promise<boolean> {
  const holder = await bench.hold({ locks: held });
  const other = await bench.add({ locks: wanted });
  const outcome = await bench.claim({ task: other.id });
  assert.ok(outcome.status === 'claimed' || outcome.status === 'locked');
  if (outcome.status === 'claimed') {
    await bench.settle({ task: other.id, lease: outcome.lease.id }, { kind: 'release' });
  }
  await bench.settle(holder.ref, { kind: 'release' });
  return outcome.status === 'claimed';
}

export function testPathLocks(test: DeclareTest): void {
  test('says which held lock is in the way and who holds it, and changes nothing', async (bench) => {
    const holder = await bench.hold({ locks: exclusive('docs/**', 'src/*.ts') });
    const loser = await bench.add({ locks: exclusive('lib/**', 'src/a*') });
    const before = await bench.snapshot();
    same(await bench.claim({ task: loser.id }), {
      status: 'locked',
      task: loser,
      conflicts: [{ task: holder.id, glob: 'src/*.ts', wanted: 'src/a*' }],
      expired: [],
      parked: [],
    });
    same(await bench.snapshot(), before);
  });

  test('sees a conflict where some path matches both globs, and nowhere else', async (bench) => {
    for (const [one, other] of [
      ['src/a.ts', 'src/a.ts'],
      ['src/**', 'src/deep/er/a.ts'],
      ['src/**/*.ts', 'src/a/*'],
      ['**/test/*', 'src/**'],
      ['{a,b}/x', '[b-c]/?'],
    ] as const) {
      assert.equal(await coexist(bench, exclusive(one), exclusive(other)), false, `${one} and ${other}`);
    }
    for (const [one, other] of [
      ['src/a.ts', 'src/b.ts'],
      ['src/*.ts', 'src/*.md'],
      ['src/*', 'src/a/b'],
      ['src/**', 'srcs/a'],
      ['[a-c]', '[d-f]'],
    ] as const) {
      assert.equal(await coexist(bench, exclusive(one), exclusive(other)), true, `${one} and ${other}`);
    }
  });

  test('lets shared locks overlap, but not with an exclusive one', async (bench) => {
    assert.equal(await coexist(bench, shared('src/**'), shared('src/a')), true);
    assert.equal(await coexist(bench, shared('src/**'), exclusive('src/a')), false);
    assert.equal(await coexist(bench, exclusive('src/**'), shared('src/a')), false);
  });

  test('lets a task without locks run beside any other', async (bench) => {
    assert.equal(await coexist(bench, exclusive('**'), []), true);
    assert.equal(await coexist(bench, [], exclusive('**')), true);
  });

  test('takes all locks of a task or none', async (bench) => {
    await bench.hold({ locks: exclusive('b') });
    const loser = await bench.add({ locks: exclusive('a', 'b', 'c') });
    assert.equal((await bench.claim({ task: loser.id })).status, 'locked');
    await bench.hold({ locks: exclusive('a') });
    await bench.hold({ locks: exclusive('c') });
  });

  test('holds the locks from the claim until the settlement, through start and heartbeat', async (bench) => {
    const holder = await bench.run({ locks: exclusive('a') });
    await bench.clock.advance(TTL);
    await bench.store.heartbeat(holder.ref, () => []);
    const other = await bench.add({ locks: exclusive('a') });
    assert.equal((await bench.claim({ task: other.id })).status, 'locked');
    await bench.settle(holder.ref, { kind: 'done' });
    assert.equal((await bench.claim({ task: other.id })).status, 'claimed');
  });

  test('does not let the overlap of its own locks stop a task', async (bench) => {
    await bench.hold({ locks: [...exclusive('src/**', 'src/a', 'src/a'), ...shared('src/a')] });
  });
}
