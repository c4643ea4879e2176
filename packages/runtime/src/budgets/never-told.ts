import type { Connector } from '@signalbox/connectors';
import type { Budget } from '@signalbox/task-core';

const LACKS = {
  usd: 'it does not tell what it costs',
  tokens: 'it does not tell how many tokens it uses',
  turns: 'it does not tell how many turns it takes',
} as const;

/** What is limited although agents of this connector never tell it, as a clause; null where all can be held against a budget. */
export function neverTold({ tells, capabilities }: Connector, limit: Budget): string | null {
  const amounts = ['usd', 'tokens', 'turns'] as const;
  const untold = amounts.find((what) => {
    const told = tells?.[what] ?? (capabilities.usage ? 'end' : 'never');
    return limit[what] !== undefined && told === 'never';
  });
  return untold === undefined ? null : LACKS[untold];
}
