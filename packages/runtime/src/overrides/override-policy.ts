import type { JournalEntry, JsonObject } from '@signalbox/kernel';
import { isoTime } from '@signalbox/kernel';
import { checkOverride, type PolicyOverride } from '@signalbox/policy';
import type { StoredOverride } from '@signalbox/policy/records';
import type { Actor } from '../actor.js';
import { actorName } from '../actor.js';
import { RuntimeError } from '../errors.js';
import type { ExecutorEnv } from '../executor/env.js';
import { asPerson } from '../ledger/as-person.js';

export interface OverrideEnv {
  executor: ExecutorEnv;
  actor: Actor;
}

export interface OverrideRequest {
  /** The full id of a rule: `project/ask-remote`. */
  rule: string;
  /** What the rule says instead, where the override counts. */
  effect: 'allow' | 'ask';
  /** Only for this AI, this task (a full id), tasks with this label (`key=value`). */
  ai: string | null;
  task: string | null;
  label: string | null;
  reason: string;
  /** Milliseconds since the epoch, or null for until it is revoked. */
  expiresAt: number | null;
}

/**
 * A person makes a rule looser for a while. Throws `AGENT_REFUSED` to an AI, and `OVERRIDE_USELESS` where it would change
 * nothing, such as for a rule that may not be overridden.
 */
export async function addOverride(env: OverrideEnv, request: OverrideRequest): Promise<StoredOverride> {
  const { store, door, loadPolicy, redactor } = env.executor;
  const expiresAt = request.expiresAt === null ? null : isoTime(request.expiresAt);
  const by = actorName(env.actor);
  const draft = { ...request, reason: redactor.text(request.reason), by, expiresAt };
  const policy = loadPolicy(store.paths.root, request.ai ?? undefined);
  const tried: PolicyOverride = { ...draft, id: 'ovr_tried', createdAt: isoTime(store.clock.now()) };
  const useless = checkOverride(policy, tried);
  const resource = { id: request.rule, source: request.ai ?? '', effect: request.effect };
  return asPerson(
    { door, actor: env.actor },
    { action: 'policy.override', what: 'override policy', resource },
    (withDecision) => {
      if (useless !== null) throw withoutEffect(useless);
      return store.records.overrides.add(draft, (override) =>
        withDecision([overrideEntry('policy.override_added', by, override)]),
      );
    },
  );
}

/** A person takes an override back. Throws `AGENT_REFUSED` to an AI, and policy's `OVERRIDE_NOT_FOUND`. */
export async function revokeOverride(env: OverrideEnv, id: string): Promise<StoredOverride> {
  const { store, door } = env.executor;
  const by = actorName(env.actor);
  return asPerson(
    { door, actor: env.actor },
    { action: 'policy.override', what: 'revoke an override', resource: { id, effect: 'revoke' } },
    (withDecision) =>
      store.records.overrides.revoke(id, by, (override) =>
        withDecision([overrideEntry('policy.override_revoked', by, override)]),
      ),
  );
}

function overrideEntry(kind: string, actor: string, override: StoredOverride): JournalEntry {
  const { revoked, ...told } = override;
  const data = { ...told, ...(revoked ? { revoked } : {}) } as unknown as JsonObject;
  return { kind, actor, subject: override.task === null ? 'project' : `task/${override.task}`, data };
}

function withoutEffect(message: string): RuntimeError {
  return new RuntimeError({
    code: 'OVERRIDE_USELESS',
    message,
    hint: 'See the rules, and who may override each, with `signalbox policy show`.',
  });
}
