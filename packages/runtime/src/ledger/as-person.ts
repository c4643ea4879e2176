import type { JournalEntry, JsonObject } from '@signalbox/kernel';
import type { Actor } from '../actor.js';
import type { Door } from '../door/door.js';

/** Who does something that only a person may do, and the door it goes through. */
export interface Keeper {
  door: Door;
  actor: Actor;
}

/** Something that only a person may do with the log, with a copy of the state, with policy, or with work that was left. */
export interface KeeperAsk {
  action: `audit.${string}` | `backup.${string}` | 'policy.override' | 'workspace.discard';
  /** For the refusal: "An AI may not …". */
  what: string;
  resource?: JsonObject;
}

/**
 * Lets a person do it whom policy lets, and no AI whatever the policy says. `effect` is given what puts the decision in front of
 * the entries that it records.
 */
export async function asPerson<T>(
  { door, actor }: Keeper,
  { action, what, resource = {} }: KeeperAsk,
  effect: (withDecision: (entries: readonly JournalEntry[]) => JournalEntry[]) => T | Promise<T>,
): Promise<T> {
  door.refuseAgents(actor, what);
  const ask = { actor, action: { name: action }, subject: 'project', resource };
  return door.pass(ask, async (withDecision) => effect(withDecision));
}
