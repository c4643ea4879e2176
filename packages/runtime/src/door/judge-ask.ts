import type { Redactor } from '@signalbox/audit';
import { canonicalJson, type JsonObject } from '@signalbox/kernel';
import { decide, evaluateRequest, type Policy, type PolicyDecisionRecord, type PolicyRequest } from '@signalbox/policy';
import { withoutFolder } from '../approvals/question.js';
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
  const { decision, determining, obligations } = evaluateRequest(policy, asked as unknown as PolicyRequest, time);
  const record = decide(policy, clean, stamp);
  const obligesToMore = obligations.some(
    ({ rule, kind, want }) =>
      !record.obligations.some((each) => each.rule === rule && each.kind === kind && each.want === want),
  );
  if (STRICTNESS[decision] <= STRICTNESS[record.decision] && !obligesToMore) return record;
  const unredacted = { decision, rules: determining, obligations: [...obligations] };
  return decide(policy, { ...clean, context: { ...clean.context, unredacted } }, stamp);
}

/** A keyed digest of all that is asked about, where redaction takes something of it away; else null. */
export function hiddenPart(
  env: Pick<DoorEnv, 'keyedDigest'>,
  redactor: Redactor,
  { action, resource = {}, exactly = {} }: Ask,
  workspace: string,
): string | null {
  const whole = JSON.parse(JSON.stringify({ action, resource, exactly })) as JsonObject;
  const text = canonicalJson(whole);
  if (text === canonicalJson(redactor.json(whole))) return null;
  return env.keyedDigest?.(canonicalJson(withoutFolder(whole, workspace))) ?? 'withheld';
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
      ...(ask.sandbox === undefined || ask.sandbox === 'none' ? {} : { sandbox: ask.sandbox }),
      ...(ask.spent ? { spent: ask.spent } : {}),
    },
  };
  return request as unknown as JsonObject;
}
