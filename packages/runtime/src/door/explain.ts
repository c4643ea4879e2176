import type { JsonObject } from '@signalbox/kernel';
import { ACTIONS, type PolicyDecisionRecord } from '@signalbox/policy';
import { suggestName } from '@signalbox/rules';
import type { Actor } from '../actor.js';
import { requireAIId } from '../decisions/ai-id.js';
import { taskAsk } from '../executor/claim-task.js';
import type { ExecutorEnv } from '../executor/env.js';
import { promisedSandbox } from '../sandbox/sandbox-service.js';
import { mustGet } from '../tasks/hold-task.js';
import { type Ask, createDoor } from './door.js';
import { urlParts } from './url-parts.js';

export interface ExplainRequest {
  action: string;
  parts: { command?: string; path?: string; url?: string; tool?: string };
  /** Further attributes of the resource. */
  extra: JsonObject;
  ai?: string;
  /** A full id. */
  task?: string;
  headless: boolean;
}

/** Actions that are an agent's, so that without `ai` they are judged as any AI's. */
const AGENT_ACTIONS = /^(shell|file|net|tool)\./;

/** What is wrong with the name of an action, in two sentences or one; null if nothing is. */
export function checkAction(name: string): string | null {
  if (ACTIONS.includes(name)) return null;
  const near = suggestName(name, ACTIONS);
  return `There is no action "${name}".${near === null ? '' : ` Did you mean "${near}"?`}`;
}

/** What policy would decide. Records nothing. Throws `INVALID_AI` for what can be no AI's id. */
export async function explainDecision(
  env: { executor: ExecutorEnv; actor: Actor },
  request: ExplainRequest,
): Promise<PolicyDecisionRecord> {
  const { executor } = env;
  if (request.ai !== undefined) requireAIId(request.ai);
  const ai = request.ai ?? (AGENT_ACTIONS.test(request.action) ? 'any' : undefined);
  const actor: Actor = ai === undefined ? env.actor : { kind: 'ai', id: ai };
  const task = request.task === undefined ? null : await mustGet({ tasks: executor.store.tasks }, request.task);
  const base: Ask = task
    ? taskAsk(actor, request.action, task)
    : { actor, action: { name: request.action }, subject: 'project' };
  const { command, path, url, tool } = request.parts;
  const isHeld = ai !== undefined || request.action === 'task.execute';
  const ask: Ask = {
    ...base,
    ...(isHeld ? await promisedSandbox(executor, executor.loadPolicy(executor.store.paths.root, request.ai)) : {}),
    action: {
      name: request.action,
      ...(command === undefined ? {} : { command }),
      ...(tool === undefined ? {} : { tool }),
    },
    resource: {
      ...base.resource,
      ...(path === undefined ? {} : { path }),
      ...(url === undefined ? {} : urlParts(url)),
      ...request.extra,
    },
  };
  return createDoor({ ...executor.doorEnv, headless: request.headless }).judge(ask);
}
