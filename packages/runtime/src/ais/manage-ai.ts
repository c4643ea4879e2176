import type { JournalEntry, JsonObject } from '@signalbox/kernel';
import type { AIInstance } from '@signalbox/router';
import { type Actor, actorName } from '../actor.js';
import { RuntimeError } from '../errors.js';
import type { ExecutorEnv } from '../executor/env.js';

/** A person keeps work from an AI, until `until` (milliseconds since the epoch) or until it is resumed. Attempts under way go on. */
export async function pauseAI(
  env: ExecutorEnv,
  actor: Actor,
  id: string,
  { reason, until }: { reason: string; until: number | null },
): Promise<AIInstance> {
  const said = env.redactor.text(reason);
  return change(env, actor, { action: 'ai.pause', what: 'pause an AI', id }, (withDecision) =>
    env.store.ais.pause(id, { reason: said, until }, ({ pausedUntil }) =>
      withDecision([entryOf('ai.paused', actor, id, { reason: said, until: pausedUntil ?? null })]),
    ),
  );
}

/** A person gives it work again; what failed before counts against it no more. */
export async function resumeAI(env: ExecutorEnv, actor: Actor, id: string): Promise<AIInstance> {
  return change(env, actor, { action: 'ai.resume', what: 'resume an AI', id }, (withDecision) =>
    env.store.ais.resume(id, () => withDecision([entryOf('ai.resumed', actor, id, {})])),
  );
}

/** A person takes it out of the registry; what it did stays on record. Throws `AI_BUSY` while it is at work. */
export async function removeAI(env: ExecutorEnv, actor: Actor, id: string): Promise<AIInstance> {
  return change(env, actor, { action: 'ai.remove', what: 'remove an AI', id }, async (withDecision) => {
    const held = await env.store.tasks.held();
    const own = held.find(({ attempt }) => attempt?.ai === id && attempt.finishedAt === null);
    if (own) throw busy(id, own.task.id);
    return env.store.ais.remove(id, ({ connector }) => withDecision([entryOf('ai.removed', actor, id, { connector })]));
  });
}

function change(
  { door }: ExecutorEnv,
  actor: Actor,
  { action, what, id }: { action: string; what: string; id: string },
  effect: (withDecision: (entries: readonly JournalEntry[]) => JournalEntry[]) => Promise<AIInstance>,
): Promise<AIInstance> {
  door.refuseAgents(actor, what);
  return door.pass({ actor, action: { name: action }, subject: `ai/${id}`, resource: { id } }, effect);
}

function entryOf(kind: string, actor: Actor, id: string, data: JsonObject): JournalEntry {
  return { kind, actor: actorName(actor), subject: `ai/${id}`, data: { id, ...data } };
}

function busy(id: string, task: string): RuntimeError {
  return new RuntimeError({
    code: 'AI_BUSY',
    message: `${id} is at work on ${task}.`,
    hint: `Pause it with \`signalbox ai pause ${id}\`, and remove it when it has finished.`,
    details: { task },
  });
}
