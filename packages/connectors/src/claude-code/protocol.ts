import type { JsonObject } from '@signalbox/kernel';

/**
 * What we write to claude's standard input, one JSON object a line.
 *
 * ```
 * → control_request initialize {hooks}        ← control_response
 * → user {message}                            ← system init, assistant, user (tool results), …
 *                                             ← control_request hook_callback | can_use_tool
 * → control_response                          ← result
 * → end of input                              ← exit
 * ```
 */

const HOOK_ID = 'signalbox';

// Seconds. A hook that times out means a refusal (measured on 2.1.197), but a person may need long for an approval.
const HOOK_TIMEOUT_S = 24 * 60 * 60;

/** Registers our hook for every tool: in plain `default` mode reads would pass unasked. */
export function initializeRequest(): JsonObject {
  const everyTool = { matcher: '*', hookCallbackIds: [HOOK_ID], timeout: HOOK_TIMEOUT_S };
  return {
    type: 'control_request',
    request_id: 'initialize',
    request: { subtype: 'initialize', hooks: { PreToolUse: [everyTool] } },
  };
}

export function userMessage(prompt: string): JsonObject {
  return {
    type: 'user',
    message: { role: 'user', content: [{ type: 'text', text: prompt }] },
    parent_tool_use_id: null,
    session_id: '',
  };
}

/** Asks claude to end the turn: it ends its shells, writes a result and waits for input. */
export function interruptRequest(): JsonObject {
  return { type: 'control_request', request_id: 'interrupt', request: { subtype: 'interrupt' } };
}

export function controlResponse(requestId: string, response: JsonObject): JsonObject {
  return { type: 'control_response', response: { subtype: 'success', request_id: requestId, response } };
}

/** Refuses a control request that we do not know. */
export function controlError(requestId: string, error: string): JsonObject {
  return { type: 'control_response', response: { subtype: 'error', request_id: requestId, error } };
}

export function hookAnswer(allow: boolean, reason: string): JsonObject {
  return {
    hookSpecificOutput: {
      hookEventName: 'PreToolUse',
      permissionDecision: allow ? 'allow' : 'deny',
      permissionDecisionReason: reason,
    },
  };
}

export function permissionAnswer(allow: boolean, message: string, input: JsonObject): JsonObject {
  return allow ? { behavior: 'allow', updatedInput: input } : { behavior: 'deny', message };
}
