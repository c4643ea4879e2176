import type { JournalEntry, JsonObject } from '@signalbox/kernel';
import type { Actor } from '../actor.js';
import type { Ask, Door } from '../door/door.js';

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
  /** What it is filed under. Default: `project`. */
  subject?: string;
  /** See `Ask`. */
  task?: NonNullable<Ask['task']>;
  exactly?: JsonObject;
}

/** As the door is asked. */
export function askAsPerson(actor: Actor, { action, what: _, ...about }: KeeperAsk): Ask {
  return { actor, action: { name: action }, subject: 'project', resource: {}, ...about };
}

/**
 * Lets a person do it whom policy lets, and no AI whatever the policy says. `effect` is given what puts the decision in front of
 * the entries that it records.
 */
export async function asPerson<T>(
  { door, actor }: Keeper,
  asked: KeeperAsk,
  effect: (withDecision: (entries: readonly JournalEntry[]) => JournalEntry[]) => T | Promise<T>,
): Promise<T> {
  door.refuseAgents(actor, asked.what);
  return door.pass(askAsPerson(actor, asked), async (withDecision) => effect(withDecision));
}
