import type { JsonObject } from '@signalbox/kernel';
import type { AgentAnswer, AgentRequest } from '../contract.js';
import { objectAt, textAt } from './json-access.js';
import { controlError, controlResponse, hookAnswer, permissionAnswer } from './protocol.js';
import { requestOfTool } from './tool-request.js';

interface Asking {
  decide(request: AgentRequest): Promise<AgentAnswer>;
  send(message: JsonObject): void;
  /** Where the agent stands unless it says otherwise. */
  workspace: string;
  /** Called with an answer that ends the attempt, after the refusal was sent. */
  onStop(answer: AgentAnswer): void;
}

const REFUSED: AgentAnswer = { allow: false, message: 'Signalbox could not decide about this call, so it is refused.' };

/**
 * Answers claude's control requests from `decide`. One call may be asked about twice, by the hook and by the permission
 * prompt: it is decided once. Whatever goes wrong is a refusal.
 */
export function createPermissions(asking: Asking): (line: JsonObject) => Promise<void> {
  const decided = new Map<string, Promise<AgentAnswer>>();

  const judge = (name: string | null, input: JsonObject | null, cwd: string): Promise<AgentAnswer> => {
    const request = name !== null && input !== null ? requestOfTool(name, input, cwd) : null;
    return request ? asking.decide(request) : Promise.resolve(REFUSED);
  };
  const answerOnce = async (callId: string | null, ...call: Parameters<typeof judge>): Promise<AgentAnswer> => {
    try {
      const known = callId === null ? undefined : decided.get(callId);
      const answer = known ?? judge(...call);
      if (callId !== null) decided.set(callId, answer);
      // A connector of ours trusts nobody to keep to the types.
      return (await answer) ?? REFUSED;
    } catch {
      return REFUSED;
    }
  };

  return async (line) => {
    const id = textAt(line, 'request_id') ?? '';
    const request = objectAt(line, 'request');
    const subtype = textAt(request, 'subtype');
    if (subtype !== 'hook_callback' && subtype !== 'can_use_tool') {
      asking.send(controlError(id, `Signalbox does not know ${subtype}.`));
      return;
    }
    const isHook = subtype === 'hook_callback';
    const call = isHook ? objectAt(request, 'input') : request;
    const input = objectAt(call, isHook ? 'tool_input' : 'input');
    const cwd = textAt(call, 'cwd') ?? asking.workspace;
    const answer = await answerOnce(textAt(call, 'tool_use_id'), textAt(call, 'tool_name'), input, cwd);
    const allow = answer.allow === true && answer.stop !== true;
    const response = isHook ? hookAnswer(allow, answer.message) : permissionAnswer(allow, answer.message, input ?? {});
    asking.send(controlResponse(id, response));
    if (answer.stop === true) asking.onStop(answer);
  };
}
