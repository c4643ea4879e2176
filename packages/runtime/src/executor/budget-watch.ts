import type { Usage } from '@signalbox/connectors';
import type { Budget, Failure } from '@signalbox/task-core';
import { DIMENSIONS, describeAmount } from '../budgets/budgets.js';
import { toldBy } from '../budgets/used.js';

/** That a run has used more than was reserved for it; null while it has not. */
export function overBudget(limit: Budget, usage: Usage): Failure | null {
  const used = toldBy({ usage: { ...usage } });
  for (const what of DIMENSIONS) {
    const most = limit[what];
    const amount = used[what];
    if (most === undefined || amount === undefined || amount <= most) continue;
    const message = `The budget of the attempt was used up: ${describeAmount(what, amount)} of ${describeAmount(what, most)}.`;
    return { class: 'agent_error', message };
  }
  return null;
}
