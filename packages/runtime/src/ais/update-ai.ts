import type { JsonObject } from '@signalbox/kernel';
import type { AIInstance, AIPatch } from '@signalbox/router';
import type { Actor } from '../actor.js';
import type { ExecutorEnv } from '../executor/env.js';
import { unknownConnector } from '../plugins/unknown-connector.js';
import { aiEntry, refuseUnfitConfig } from './register-ai.js';

/** What a person changes of an AI. What is not given stays. */
export interface AIChange {
  maxConcurrent?: number;
  addCapabilities?: readonly string[];
  removeCapabilities?: readonly string[];
  /** Settings by their names; those that are not named stay. */
  config?: JsonObject;
  removeConfig?: readonly string[];
}

/**
 * A person changes how an AI is registered, through the door; attempts under way go on as they began. Throws `AI_NOT_FOUND`,
 * `INVALID_AI`, and `INVALID_CONFIG` or `UNKNOWN_CONNECTOR` where its settings change.
 */
export async function updateAI(env: ExecutorEnv, actor: Actor, id: string, change: AIChange): Promise<AIInstance> {
  env.door.refuseAgents(actor, 'change how an AI is registered');
  const patch = env.redactor.json(
    JSON.parse(JSON.stringify(patchOf(await env.store.ais.get(id), change))),
  ) as unknown as AIPatch;
  if (patch.config) {
    const { connector: named } = await env.store.ais.get(id);
    const connector = await env.connectors.find(named);
    if (!connector) throw await unknownConnector(env.connectors, named);
    await refuseUnfitConfig(connector, patch.config);
  }
  const exactly = patch as JsonObject;
  const ask = { actor, action: { name: 'ai.update' }, subject: `ai/${id}`, resource: { id }, exactly };
  return env.door.pass(ask, (withDecision) =>
    env.store.ais.update(id, patch, (ai) => withDecision([aiEntry('ai.updated', actor, ai)])),
  );
}

function patchOf(ai: AIInstance, change: AIChange): AIPatch {
  const { maxConcurrent, addCapabilities = [], removeCapabilities = [], config = {}, removeConfig = [] } = change;
  const patch: AIPatch = {};
  if (maxConcurrent !== undefined) patch.maxConcurrent = maxConcurrent;
  if (addCapabilities.length + removeCapabilities.length > 0) {
    const kept = ai.capabilities.filter((each) => !removeCapabilities.includes(each));
    patch.capabilities = [...kept, ...addCapabilities];
  }
  if (Object.keys(config).length + removeConfig.length > 0) {
    const kept = Object.entries(ai.config).filter(([key]) => !removeConfig.includes(key));
    patch.config = { ...Object.fromEntries(kept), ...config };
  }
  return patch;
}
