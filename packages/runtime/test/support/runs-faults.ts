import { expect } from '@jest/globals';
import { findMarked } from '@signalbox/connectors';
import type { FakeTurn, OpenAIFault } from '@signalbox/testkit';
import { healthOfAI } from '../../src/ais/health-of-ai.js';
import type { Execution, Signalbox } from '../../src/index.js';
import { add, execute } from './bench.js';
import { type AgentScenario, scripted, type WithAgent } from './runs-agents.js';

/** What is to follow from an attempt that failed: the class, the task, and whether its AI is given more. */
export interface Aftermath {
  class: string;
  status: 'queued' | 'blocked' | 'done';
  attempt: number;
  /** From the end of the attempt to `notBefore`, in milliseconds, at least and at most; null: at once. */
  waits: [number, number] | null;
  /** What its AI is in then. */
  health: 'closed' | 'quota' | 'failures';
}

const BACKOFF: [number, number] = [0, 10_000];
const FRESH = { status: 'queued', attempt: 1, health: 'closed' } as const;

/** The first failure of each class, and a fault that the agent gets over by itself. */
export const AFTER = {
  transient: { class: 'transient', ...FRESH, waits: BACKOFF },
  stalled: { class: 'stalled', ...FRESH, waits: BACKOFF },
  crashed: { class: 'crashed', ...FRESH, waits: BACKOFF },
  agentError: { class: 'agent_error', ...FRESH, waits: null },
  invalid: { class: 'invalid_output', ...FRESH, waits: null },
  checks: { class: 'checks_failed', ...FRESH, waits: null },
  quota: { class: 'rate_limited', status: 'queued', attempt: 0, waits: [300_000, 300_000], health: 'quota' },
  gotOver: { class: 'none', status: 'done', attempt: 1, waits: null, health: 'closed' },
  auth: { class: 'auth', status: 'blocked', attempt: 0, waits: null, health: 'failures' },
} as const satisfies Record<string, Aftermath>;

/** A limit whose end the provider tells, so many milliseconds from the end of the attempt. */
export function quotaUntil(least: number, most: number): Aftermath {
  return { ...AFTER.quota, waits: [least, most] };
}

export async function aftermathOf(box: Signalbox, { task, attempt }: Execution): Promise<Aftermath> {
  const recorded = (await box.tasks.attempts(task.id)).find(({ id }) => id === attempt.id);
  const finished = Date.parse(recorded?.finishedAt ?? '');
  const waits = task.notBefore === null ? null : Date.parse(task.notBefore) - finished;
  const health = await healthOfAI(box.store, await box.store.ais.get(attempt.ai));
  expect(findMarked(attempt.id)).toEqual([]);
  return {
    class: attempt.failure?.class ?? 'none',
    status: task.status as Aftermath['status'],
    attempt: task.attempt,
    waits: waits === null ? null : [waits, waits],
    health: health.state === 'closed' ? 'closed' : (health.cause ?? 'closed'),
  };
}

export function expectAftermath(what: string, found: Aftermath, wanted: Aftermath): void {
  const [wait] = found.waits ?? [];
  const isInTime = wanted.waits === null || wait === undefined || (wait >= wanted.waits[0] && wait <= wanted.waits[1]);
  const waits = (found.waits === null) === (wanted.waits === null) && isInTime ? wanted.waits : found.waits;
  expect([what, { ...found, waits }]).toEqual([what, wanted]);
}

/** Runs each fault, which does not pass, against an AI of its own, and looks at what follows. `edit` writes src/n.txt. */
export function expectFaults(
  withAgent: WithAgent,
  edit: (path: string, text: string) => FakeTurn,
  rows: readonly (readonly [OpenAIFault, Aftermath])[],
): Promise<void> {
  const faults = rows.map(([fault], n) => ({ prompt: `fault ${n}\\.`, times: 100, fault }));
  return withAgent({ faults } as AgentScenario, async (project, agent) => {
    const box = await project.open();
    for (const [n, [fault, wanted]] of rows.entries()) {
      await agent.register(box, `ai${n}`);
      const description = scripted({ text: 'I write it.', ...edit(`src/${n}.txt`, 'x') }, { text: 'Done.' });
      const task = await add(box, { title: `fault ${n}.`, ai: `ai${n}`, description, checks: ['true'] });
      const execution = await execute(box, task);
      const found = await aftermathOf(box, execution);
      // A stream cut in the first block is asked for again, one cut after a whole block is not: which it is, is a matter of timing.
      const either = wanted === AFTER.gotOver && found.class === 'transient' ? AFTER.transient : wanted;
      expectAftermath(JSON.stringify(fault), found, either);
    }
    expect(await box.ledger.verify()).toMatchObject({ ok: true });
  });
}
