import type { Budget } from '@signalbox/task-core';
import { type Budgets, DIMENSIONS, describeAmount } from './budgets.js';

/** Each budget that one text has and another lifts or raises, in words. */
export function loosenedBudgets(before: Budgets, after: Budgets): string[] {
  const each = (name: string, was: Budget | undefined, is: Budget | undefined): string[] =>
    DIMENSIONS.flatMap((what) => {
      const [old, now] = [was?.[what], is?.[what]];
      if (old === undefined || (now !== undefined && now <= old)) return [];
      const field = what === 'timeMs' ? 'time' : what;
      const then = now === undefined ? 'no limit' : describeAmount(what, now);
      return [`budgets.${name}.${field}: ${then}, was ${describeAmount(what, old)}`];
    });
  return [
    ...each('attempt', before.attempt, after.attempt),
    ...each('task', before.task, after.task),
    ...each('ai', before.ai, after.ai),
    ...Object.entries(before.ais ?? {}).flatMap(([id, was]) => each(`ais.${id}`, was, after.ais?.[id])),
    ...each('day', before.day, after.day),
  ];
}
