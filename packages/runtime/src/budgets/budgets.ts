import { durationMs } from '@signalbox/policy';
import type { Budget } from '@signalbox/task-core';
import * as z from 'zod';

/** What a budget limits, in the order in which it is told. */
export const DIMENSIONS = ['usd', 'tokens', 'turns', 'timeMs'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

const duration = z.string().transform((text, context) => {
  const ms = durationMs(text);
  if (ms !== null && ms >= 1_000) return ms;
  context.addIssue({ code: 'custom', message: 'must be a duration of a second or more, such as 30m or 2h' });
  return z.NEVER;
});

const budget = z
  .strictObject({
    usd: z.number().positive(),
    tokens: z.int().min(1),
    turns: z.int().min(1),
    time: duration,
  })
  .partial()
  .transform(
    ({ time, ...rest }): Budget =>
      Object.fromEntries(
        Object.entries({ ...rest, timeMs: time }).filter(([, amount]) => amount !== undefined),
      ) as Budget,
  );

/** `budgets:` of `.ai/config.yaml`. A day is one of UTC. */
export const budgetsSchema = z
  .strictObject({
    /** Each attempt. */
    attempt: budget.optional(),
    /** All attempts of a task. */
    task: budget.optional(),
    /** Each AI in a day. */
    ai: budget.optional(),
    /** Single AIs in a day, by their ids. */
    ais: z.record(z.string(), budget).optional(),
    /** The whole project in a day. */
    day: budget.optional(),
  })
  .default({});

export type Budgets = z.infer<typeof budgetsSchema>;

/** The smaller amount of two budgets, for each of what they limit. */
export function strictest(one: Budget | undefined, other: Budget | undefined): Budget {
  const both: Budget = {};
  for (const what of DIMENSIONS) {
    const amounts = [one?.[what], other?.[what]].filter((amount) => amount !== undefined);
    if (amounts.length > 0) both[what] = Math.min(...amounts);
  }
  return both;
}

/** Two sets of budgets at once: what was agreed to holds on while a change of it waits to be agreed to. */
export function strictestOfAll(one: Budgets, other: Budgets): Budgets {
  const names = new Set([...Object.keys(one.ais ?? {}), ...Object.keys(other.ais ?? {})]);
  const ais = Object.fromEntries([...names].map((id) => [id, strictest(one.ais?.[id], other.ais?.[id])]));
  return {
    attempt: strictest(one.attempt, other.attempt),
    task: strictest(one.task, other.task),
    ai: strictest(one.ai, other.ai),
    ...(names.size > 0 ? { ais } : {}),
    day: strictest(one.day, other.day),
  };
}

/** Whether anything is limited for a day, so that what others have used today has to be looked at. */
export function limitsDays({ ai, ais = {}, day }: Budgets): boolean {
  return [ai, day, ...Object.values(ais)].some((each) => each && Object.keys(each).length > 0);
}

/** An amount in words. */
export function describeAmount(what: Dimension, amount: number): string {
  if (what === 'usd') return `${Math.round(amount * 10_000) / 10_000} USD`;
  if (what === 'timeMs' && amount < 60_000) return `${Math.round(amount / 100) / 10} seconds`;
  if (what === 'timeMs') return `${Math.round(amount / 6_000) / 10} minutes`;
  return `${Math.round(amount)} ${what}`;
}
