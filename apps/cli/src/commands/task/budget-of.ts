import { parseDollars, parseInteger } from '../../parse.js';

/** The budget of a task that its options name; undefined if they name none. */
export function budgetOf(options: {
  budgetUsd?: string;
  budgetTokens?: string;
}): { usd?: number; tokens?: number } | undefined {
  const { budgetUsd, budgetTokens } = options;
  if (budgetUsd === undefined && budgetTokens === undefined) return undefined;
  return {
    ...(budgetUsd === undefined ? {} : { usd: parseDollars(budgetUsd, '--budget-usd') }),
    ...(budgetTokens === undefined ? {} : { tokens: parseInteger(budgetTokens, '--budget-tokens', 1, 1e12) }),
  };
}
