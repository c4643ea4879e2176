import type { Redactor } from '@signalbox/audit';
import { canonicalJson, type JsonObject } from '@signalbox/kernel';
import { decide, evaluateRequest, type Policy, type PolicyDecisionRecord, type PolicyRequest } from '@signalbox/policy';
import type { Ask, DoorEnv } from './door.js';

const STRICTNESS = { allow: 0, ask: 1, deny: 2 } as const;

/**
 * Judges what is asked, redacted: what is recorded is what was judged. Redaction can take away what a rule would have seen, so where it
 * takes something away the request is judged as it was asked, too, and the stricter counts; the record says so, and can be replayed.
 */
export function judgeAsk(
  env: Pick<DoorEnv, 'headless' | 'ci' | 'ids' | 'clock'>,
  redactor: Redactor,
  policy: Policy,
  ask: Ask,
): PolicyDecisionRecord {
  const time = env.clock.now();
  const asked = toRequest(ask, env);
  const clean = redactor.json(asked) as unknown as PolicyRequest;
  const stamp = { id: env.ids('pdr'), time };
  if (canonicalJson(asked) === canonicalJson(clean)) return decide(policy, clean, stamp);
  const { decision, determining } = evaluateRequest(policy, asked as unknown as PolicyRequest, time);
  const record = decide(policy, clean, stamp);
  if (decision === 'allow' || STRICTNESS[decision] <= STRICTNESS[record.decision]) return record;
  const unredacted = { decision, rules: determining };
  return decide(policy, { ...clean, context: { ...clean.context, unredacted } }, stamp);
}

function toRequest(ask: Ask, env: Pick<DoorEnv, 'headless' | 'ci'>): JsonObject {
  const request: PolicyRequest = {
    subject: { kind: ask.actor.kind, id: ask.actor.id, ...(ask.labels ? { labels: ask.labels } : {}) },
    action: ask.action,
    resource: ask.resource ?? {},
    context: {
      headless: env.headless,
      ci: env.ci,
      ...(ask.task ? { task: ask.task } : {}),
      ...(ask.attempt === undefined ? {} : { attempt: ask.attempt }),
      ...(ask.spent ? { spent: ask.spent } : {}),
    },
  };
  return request as unknown as JsonObject;
}
