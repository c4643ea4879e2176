import { type AgentRequest, requestOfTool } from '@signalbox/connectors';
import type { PolicyDecisionRecord } from '@signalbox/policy';
import * as z from 'zod';
import { createDoor } from '../door/door.js';
import { RuntimeError } from '../errors.js';
import { toAction } from '../executor/agent-asks.js';
import type { ExecutorEnv } from '../executor/env.js';
import { requireAIId } from './ai-id.js';

/** What claude tells a `PreToolUse` hook, as far as it matters here. */
const hookCall = z.looseObject({
  tool_name: z.string(),
  tool_input: z.record(z.string(), z.json()),
  cwd: z.string(),
});

/**
 * Decides what an agent asks through its own hook, for somebody who runs the agent by hand: judged as the AI `ai` and recorded.
 * Throws `INVALID_CONFIG` for what is no call of a tool; the caller must then refuse.
 */
export function decideHookCall(executor: ExecutorEnv, ai: string, text: string): PolicyDecisionRecord {
  requireAIId(ai);
  const { tool_name: tool, tool_input: input, cwd } = parseCall(text);
  const request = requestOfTool(tool, input, cwd);
  if (!request) throw invalid(`The call of ${tool} does not say what it acts on.`);
  const { paths } = executor.store;
  const door = createDoor({
    ...executor.doorEnv,
    headless: false,
    policyFor: () => executor.loadPolicy(paths.root, ai),
  });
  const [action, resource] = toAction(absolute(request, cwd), () => ({}));
  return door.decide({ actor: { kind: 'ai', id: ai }, action, subject: `ai/${ai}`, resource });
}

/** A path of a call is relative to where the agent stands. */
function absolute(request: AgentRequest, cwd: string): AgentRequest {
  if (request.action !== 'file.read' && request.action !== 'file.write') return request;
  return { ...request, path: request.path.startsWith('/') ? request.path : `${cwd}/${request.path}` };
}

function parseCall(text: string): z.infer<typeof hookCall> {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    throw invalid('Standard input is not JSON.');
  }
  const parsed = hookCall.safeParse(data);
  if (parsed.success) return parsed.data;
  throw invalid(`Standard input is not a hook's call: ${parsed.error.issues[0]?.path.join('.')} is missing or wrong.`);
}

function invalid(message: string): RuntimeError {
  return new RuntimeError({
    code: 'INVALID_CONFIG',
    message,
    hint: 'The command is for the hook that `signalbox policy compile --for claude-code` writes.',
  });
}
