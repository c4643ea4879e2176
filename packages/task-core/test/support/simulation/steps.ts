import fc from 'fast-check';

/**
 * One thing that happens in a schedule. Numbers name tasks, grants and lock sets by their place, wrapping around; a grant
 * under 6 is one that is still good, if there is any.
 */
export type Step =
  | { do: 'create'; needs: number[]; locks: number; priority: number; delay: number; attempts: number; rule: number }
  | { do: 'claim'; task: number | null; park: boolean; ignoreDelay: boolean; start: boolean }
  | { do: 'claimMany'; count: number }
  | { do: 'start' | 'heartbeat'; grant: number }
  | { do: 'addLock'; grant: number; lock: number }
  | { do: 'settle'; grant: number; how: number; other: number }
  | { do: 'settleMany'; grants: number[]; how: number }
  | { do: 'requeue' | 'retry' | 'unblock'; task: number }
  | { do: 'cancel'; task: number; force: boolean }
  | { do: 'update'; task: number; change: number; other: number }
  | { do: 'crash'; grant: number }
  | { do: 'advance'; by: number }
  | { do: 'reap' }
  | { do: 'reopen' };

const small = fc.nat({ max: 7 });
const any = <T extends Step>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }): fc.Arbitrary<T> =>
  fc.record(model) as unknown as fc.Arbitrary<T>;
const name = <N extends string>(...names: N[]): fc.Arbitrary<N> => fc.constantFrom(...names);

const create = any<Extract<Step, { do: 'create' }>>({
  do: name('create'),
  needs: fc.oneof(fc.constant<number[]>([]), fc.array(small, { maxLength: 2 })),
  locks: fc.nat({ max: 15 }),
  priority: fc.constantFrom(-10, 0, 0, 20),
  delay: fc.constantFrom(0, 0, 0, 0, 90_000),
  attempts: fc.integer({ min: 1, max: 3 }),
  rule: fc.nat({ max: 2 }),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: create },
  {
    weight: 9,
    arbitrary: any<Extract<Step, { do: 'claim' }>>({
      do: name('claim'),
      task: fc.option(small, { freq: 1 }),
      park: fc.boolean(),
      ignoreDelay: fc.boolean(),
      start: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: any<Extract<Step, { do: 'claimMany' }>>({ do: name('claimMany'), count: fc.nat({ max: 4 }) }),
  },
  {
    weight: 4,
    arbitrary: any<Extract<Step, { do: 'start' | 'heartbeat' }>>({ do: name('start', 'heartbeat'), grant: small }),
  },
  { weight: 3, arbitrary: any<Extract<Step, { do: 'addLock' }>>({ do: name('addLock'), grant: small, lock: small }) },
  {
    weight: 8,
    arbitrary: any<Extract<Step, { do: 'settle' }>>({
      do: name('settle'),
      grant: small,
      how: fc.nat({ max: 11 }),
      other: small,
    }),
  },
  {
    weight: 1,
    arbitrary: any<Extract<Step, { do: 'settleMany' }>>({
      do: name('settleMany'),
      grants: fc.array(small, { minLength: 1, maxLength: 3 }),
      how: fc.nat({ max: 3 }),
    }),
  },
  {
    weight: 2,
    arbitrary: any<Extract<Step, { do: 'requeue' | 'retry' | 'unblock' }>>({
      do: name('requeue', 'retry', 'unblock'),
      task: small,
    }),
  },
  {
    weight: 1,
    arbitrary: any<Extract<Step, { do: 'cancel' }>>({ do: name('cancel'), task: small, force: fc.boolean() }),
  },
  {
    weight: 3,
    arbitrary: any<Extract<Step, { do: 'update' }>>({
      do: name('update'),
      task: small,
      change: fc.nat({ max: 8 }),
      other: small,
    }),
  },
  { weight: 1, arbitrary: any<Extract<Step, { do: 'crash' }>>({ do: name('crash'), grant: small }) },
  {
    weight: 4,
    arbitrary: any<Extract<Step, { do: 'advance' }>>({
      do: name('advance'),
      by: fc.constantFrom(1, 1, 30_000, 61_000, 400_000),
    }),
  },
  { weight: 1, arbitrary: any<Extract<Step, { do: 'reap' }>>({ do: name('reap') }) },
  { weight: 1, arbitrary: any<Extract<Step, { do: 'reopen' }>>({ do: name('reopen') }) },
);

/** A few tasks to begin with, and then anything. */
export const schedules: fc.Arbitrary<Step[]> = fc
  .tuple(fc.array(create, { minLength: 1, maxLength: 6, size: 'max' }), fc.array(step, { maxLength: 40, size: 'max' }))
  .map((parts) => parts.flat());
