import {
  type Connector,
  checkConfig,
  environmentNamesOf,
  exportedEnvironment,
  type ProbeReport,
} from '@signalbox/connectors';
import type { JsonObject } from '@signalbox/kernel';
import type { AIDraft, AIInstance } from '@signalbox/router';
import { type Actor, actorName } from '../actor.js';
import { RuntimeError } from '../errors.js';
import type { ExecutorEnv } from '../executor/env.js';
import { keepProbe } from '../executor/probe-ai.js';
import { unknownConnector } from '../plugins/unknown-connector.js';

export interface Registration {
  ai: AIInstance;
  /** What is in the way of its working here, now. It is registered all the same. */
  problems: ProbeReport['problems'];
}

/** Registers an AI through the door, its configuration checked against its connector's schema, and probes it. */
export async function registerAI(env: ExecutorEnv, actor: Actor, draft: AIDraft): Promise<Registration> {
  env.door.refuseAgents(actor, 'register an AI');
  const connector = await env.connectors.find(draft.connector);
  if (!connector) throw await unknownConnector(env.connectors, draft.connector);
  await refuseUnfitConfig(connector, draft.config ?? {});
  const clean = env.redactor.json(JSON.parse(JSON.stringify(draft))) as unknown as AIDraft;
  const ask = {
    actor,
    action: { name: 'ai.register' },
    subject: `ai/${draft.id}`,
    resource: { id: draft.id, connector: draft.connector },
    exactly: clean as unknown as JsonObject,
  };
  const ai = await env.door.pass(ask, (withDecision) =>
    env.store.ais.register(clean, (registered) => withDecision([aiEntry('ai.registered', actor, registered)])),
  );
  const environment = exportedEnvironment(env.environment, environmentNamesOf(connector, ai.config));
  const report = await connector.probe({ config: ai.config, environment, clock: env.store.clock });
  await keepProbe(env, ai.id, report);
  // As it is once it has been probed, unless it is gone already.
  return { ai: await env.store.ais.get(ai.id).catch(() => ai), problems: report.problems };
}

/** Throws `INVALID_CONFIG` with all that does not fit the schema of the connector. */
export async function refuseUnfitConfig(connector: Connector, config: JsonObject): Promise<void> {
  const faults = await checkConfig(connector, config);
  if (faults.length === 0) return;
  throw new RuntimeError({
    code: 'INVALID_CONFIG',
    message: `The configuration does not fit the connector ${connector.id}: ${faults.map((fault) => fault.replace(/\.$/, '')).join('; ')}.`,
    hint: `Give settings as --config key=value; ${connector.id} takes ${Object.keys((connector.configSchema['properties'] ?? {}) as JsonObject).join(', ') || 'none'}.`,
    details: { problems: faults },
  });
}

export async function labelAI(
  env: ExecutorEnv,
  actor: Actor,
  id: string,
  labels: Record<string, string>,
): Promise<AIInstance> {
  env.door.refuseAgents(actor, 'change the labels of an AI');
  const ask = { actor, action: { name: 'ai.label' }, subject: `ai/${id}`, resource: { id }, exactly: labels };
  return env.door.pass(ask, (withDecision) =>
    env.store.ais.label(id, env.redactor.json(labels), (ai) => withDecision([aiEntry('ai.labelled', actor, ai)])),
  );
}

export function aiEntry(kind: string, actor: Actor, ai: AIInstance) {
  const { id, connector, labels, capabilities, maxConcurrent, config } = ai;
  return {
    kind,
    actor: actorName(actor),
    subject: `ai/${id}`,
    data: { id, connector, labels, capabilities, maxConcurrent, config },
  };
}
