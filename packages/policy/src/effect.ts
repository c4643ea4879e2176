/** What a rule or a decision says; `deny` is strictest. */
export type Effect = 'allow' | 'ask' | 'deny';

const STRICTNESS: Record<Effect, number> = { allow: 0, ask: 1, deny: 2 };

export function isStricter(a: Effect, b: Effect): boolean {
  return STRICTNESS[a] > STRICTNESS[b];
}

export function strictest(effects: Iterable<Effect>): Effect {
  let result: Effect = 'allow';
  for (const effect of effects) if (isStricter(effect, result)) result = effect;
  return result;
}
