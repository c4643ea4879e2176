import { isoTime, isSignalboxError } from '@signalbox/kernel';
import type { FakeClock } from '@signalbox/testkit';
import type { Settlement, Task, TaskPatch, TaskStore } from '../../../src/index.js';
import { parseTaskSpec } from '../../../src/task-spec.js';
import { assertSound } from './invariants.js';
import { createModel, type Grant, type Model } from './model.js';
import { lockAt, locksAt } from './paths.js';
import type { Step } from './steps.js';

export interface Opened {
  store: TaskStore;
  clock: FakeClock;
  /** Opens the same store anew. */
  reopen(): Promise<TaskStore>;
  close(): void | Promise<void>;
}

/** A store with a model beside it: each step is done to both, and what can be seen of the two must agree. */
export interface World {
  store: TaskStore;
  clock: FakeClock;
  model: Model;
  /** Does a step; returns what its caller gets, without the secrets. */
  apply(step: Step): Promise<unknown>;
  /** Everything that can be seen. */
  look(): Promise<Task[]>;
}

const TTL = 60_000;
const RULES = ['block', 'fail', 'ignore'] as const;
const none = () => [];

export function createWorld(opened: Opened): World {
  const { clock } = opened;
  const model = createModel();
  const grants: Grant[] = [];
  let { store } = opened;

  const at = <T>(list: readonly T[], index: number): T | undefined => list[index % Math.max(list.length, 1)];
  const idAt = (index: number): string => at(model.tasks, index)?.id ?? 'tsk_none';
  const grantAt = (index: number): Grant => {
    const good = grants.filter((grant) => model.current(grant));
    const chosen = index < 6 && good.length > 0 ? at(good, index) : at(grants, index);
    return chosen ?? { task: idAt(0), fence: 0, lease: 'lse_none' };
  };
  const look = async (): Promise<Task[]> => (await store.list({ sort: 'created', limit: 1_000 })).tasks;
  const granted = (task: Task, lease: string, started: boolean): void => {
    grants.push(model.grant(task, lease, { now: clock.now(), ttlMs: TTL, started }));
  };
  const settlementAt = (how: number, other: number): [Settlement, spent: boolean] =>
    settlements(how, idAt(other), clock.now());

  const settle = async (index: number, how: number, other: number): Promise<unknown> => {
    const grant = grantAt(index);
    const [settlement, spent] = settlementAt(how, other);
    const current = model.current(grant);
    const outcome = await store.settle({ task: grant.task, lease: grant.lease }, settlement, {}, none);
    if ((outcome.status === 'settled') !== (current !== null)) throw new Error(`a settlement was ${outcome.status}`);
    if (current) model.end(grant.task, spent);
    return outcome;
  };

  const steps: { [D in Step['do']]: (step: Extract<Step, { do: D }>) => Promise<unknown> } = {
    async create({ needs, locks, priority, delay, attempts, rule }) {
      const spec = parseTaskSpec({
        ...{ title: `task ${model.tasks.length}`, priority, locks: locksAt(locks), maxAttempts: attempts },
        ...{ needs: model.tasks.length ? needs.map(idAt) : [], onNeedFailure: RULES[rule % 3] as 'block' },
        ...(delay ? { notBefore: isoTime(clock.now() + delay) } : {}),
      });
      const outcome = await store.create(spec, 'user:ana', none);
      model.add(outcome.task.id);
      return outcome;
    },
    async claim({ task, park, ignoreDelay, start }) {
      model.expire(clock.now());
      const request = { holder: 'user:ana', ttlMs: TTL, ignoreNotBefore: ignoreDelay };
      const outcome = await store.claim(
        {
          ...request,
          ...(task === null ? {} : { task: idAt(task), park }),
          ...(start ? { start: { ai: 'claude', data: {} } } : {}),
        },
        none,
      );
      if (outcome.status !== 'claimed') return outcome;
      granted(outcome.task, outcome.lease.id, start);
      const { lease, ...rest } = outcome;
      return { ...rest, fence: lease.fence };
    },
    async claimMany({ count }) {
      model.expire(clock.now());
      const outcome = await store.claimMany({ holder: 'user:bob', ttlMs: TTL }, count, none);
      for (const { task, lease } of outcome.claimed) granted(task, lease.id, false);
      return { ...outcome, claimed: outcome.claimed.map(({ task }) => task) };
    },
    async start({ grant: index }) {
      const grant = grantAt(index);
      const current = model.current(grant);
      const attempt = {
        id: `att_${clock.now()}_${grants.length}_${grant.task}_${grant.fence}`,
        ai: 'claude',
        data: {},
      };
      const outcome = await store.start({ task: grant.task, lease: grant.lease }, attempt, none);
      if ((outcome.status === 'started') !== (current !== null)) throw new Error(`a start was ${outcome.status}`);
      if (current) model.start(grant.task);
      return outcome;
    },
    async heartbeat({ grant: index }) {
      const grant = grantAt(index);
      const current = model.current(grant);
      const outcome = await store.heartbeat({ task: grant.task, lease: grant.lease }, none);
      if ((outcome.status === 'renewed') !== (current !== null)) throw new Error(`a heartbeat was ${outcome.status}`);
      if (current) current.expiresAt = clock.now() + TTL;
      return outcome;
    },
    async addLock({ grant: index, lock }) {
      const grant = grantAt(index);
      const current = model.current(grant);
      const outcome = await store.addLock({ task: grant.task, lease: grant.lease }, lockAt(lock), none);
      if ((outcome.status === 'lease_lost') !== (current === null)) throw new Error(`a lock was ${outcome.status}`);
      return outcome;
    },
    settle: ({ grant, how, other }) => settle(grant, how, other),
    async settleMany({ grants: indexes, how }) {
      const chosen = [...new Set(indexes.map(grantAt))];
      const [settlement, spent] = settlementAt(how, 0);
      const items = chosen.map(({ task, fence }) => ({ ref: { task, fence }, settlement }));
      const outcomes = await store.settleMany(items, none);
      outcomes.forEach((outcome, index) => {
        const grant = chosen[index] as Grant;
        const isCurrent = model.current(grant) !== null;
        if ((outcome.status === 'settled') !== isCurrent) throw new Error(`one of many was ${outcome.status}`);
        if (isCurrent) model.end(grant.task, spent);
      });
      return outcomes;
    },
    async requeue({ task }) {
      const id = idAt(task);
      const before = await store.get(id);
      const outcome = await store.requeue(id, none);
      model.end(id, false);
      if (before?.status === 'failed') model.get(id).attempt = 0;
      return outcome;
    },
    async retry({ task }) {
      const outcome = await store.retry(idAt(task), none);
      model.get(idAt(task)).attempt = 0;
      return outcome;
    },
    unblock: ({ task }) => store.unblock(idAt(task), (block) => block.kind === 'human', none),
    async cancel({ task, force }) {
      const outcome = await store.cancel(idAt(task), none, { force });
      if (outcome.status === 'cancelled') model.end(idAt(task), false);
      return outcome;
    },
    async update({ task, change, other }) {
      const patch = patchAt(change, [idAt(other), idAt(other + change)], other, clock.now());
      const outcome = await store.update(idAt(task), patch, none);
      if (JSON.stringify(outcome.task) !== JSON.stringify(await store.get(idAt(task))))
        throw new Error('an update lied');
      return outcome;
    },
    async crash({ grant }) {
      const forgotten = grantAt(grant);
      if (grants.includes(forgotten)) grants.splice(grants.indexOf(forgotten), 1);
    },
    advance: ({ by }) => clock.advance(by),
    async reap() {
      model.expire(clock.now());
      return store.reap(none);
    },
    async reopen() {
      store = await opened.reopen();
    },
  };

  return {
    get store() {
      return store;
    },
    ...{ clock, model, look },
    async apply(step) {
      const before = await look();
      let outcome: unknown;
      try {
        outcome = await steps[step.do](step as never);
      } catch (error) {
        if (!isSignalboxError(error)) throw error;
        if (JSON.stringify(await look()) !== JSON.stringify(before))
          throw new Error(`${error.code} left something behind`);
        outcome = { error: error.code };
      }
      const after = await look();
      const lost =
        typeof outcome === 'object' && outcome !== null && 'status' in outcome && outcome.status === 'lease_lost';
      if (lost && JSON.stringify(after) !== JSON.stringify(before))
        throw new Error(`a lost lease had an effect: ${step.do}`);
      assertSound(after, model, await store.counts());
      return outcome;
    },
  };
}

function settlements(how: number, other: string, now: number): [Settlement, spent: boolean] {
  const failure = (name: 'agent_error' | 'transient' | 'rate_limited' | 'auth'): Settlement => ({
    kind: 'failure',
    failure: { class: name, message: 'It went wrong.' },
  });
  const all: [Settlement, boolean][] = [
    [{ kind: 'release' }, false],
    [failure('agent_error'), true],
    [{ kind: 'blocked', blockedBy: [{ kind: 'human', reason: 'Look.' }] }, false],
    [failure('transient'), true],
    [{ kind: 'done' }, true],
    [failure('rate_limited'), false],
    [failure('auth'), false],
    [{ kind: 'blocked', blockedBy: [{ kind: 'quota', until: isoTime(now + 120_000) }] }, false],
    [{ kind: 'blocked', blockedBy: [{ kind: 'dependency', task: other, state: 'unmet' }] }, false],
    [{ kind: 'blocked', blockedBy: [{ kind: 'lock', task: other, glob: 'a/**' }] }, false],
    [{ kind: 'cancelled' }, true],
    [{ kind: 'done' }, true],
  ];
  return all[how % all.length] as [Settlement, boolean];
}

function patchAt(change: number, [other, more]: [string, string], index: number, now: number): TaskPatch {
  const patches: TaskPatch[] = [
    { addNeeds: [other] },
    { removeNeeds: [other] },
    { priority: index * 3 - 10 },
    { locks: locksAt(index * 2) },
    { notBefore: isoTime(now + index * 20_000) },
    { notBefore: null, labels: { n: String(index) } },
    { onNeedFailure: RULES[index % 3] as 'block' },
    { maxAttempts: 3, title: `changed ${index}` },
    { addNeeds: [other, more], priority: 5 },
  ];
  return patches[change % patches.length] as TaskPatch;
}
