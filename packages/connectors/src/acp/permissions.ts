import type { Json, JsonObject } from '@signalbox/kernel';
import { asObject, objectAt, objectsAt, textAt } from '../claude-code/json-access.js';
import type { AgentAnswer } from '../contract.js';
import type { Decide } from './decide.js';
import type { Served } from './link.js';
import { INVALID_PARAMS } from './rpc-error.js';
import type { ToolLedger } from './tool-ledger.js';
import { requestsOfToolCall } from './tool-requests.js';

const CANCELLED: JsonObject = { outcome: { outcome: 'cancelled' } };

const UNJUDGEABLE: AgentAnswer = {
  allow: false,
  message: 'The agent did not say what the call would touch, so nobody can judge it.',
};

interface Asking {
  decide: Decide;
  ledger: ToolLedger;
  workspace: string;
  /** Whether the run is being ended: then nothing is allowed any longer. */
  isStopping(): boolean;
  /** Called with an answer that ends the attempt, before the agent gets it. */
  onStop(answer: AgentAnswer): void;
}

/** Answers `session/request_permission`. */
export function createPermissions(asking: Asking): (params: Json) => Promise<Served> {
  return async (params) => {
    const request = asObject(params);
    const told = objectAt(request, 'toolCall');
    if (told === null || textAt(told, 'toolCallId') === null) {
      return { error: { code: INVALID_PARAMS, message: 'A request for permission needs a toolCall with an id.' } };
    }
    const call = asking.ledger.ask(told);
    const wanted = requestsOfToolCall(call, asking.workspace);
    const answer = wanted ? await asking.decide(wanted) : UNJUDGEABLE;
    const options = objectsAt(request, 'options');
    const choice = answer.allow ? optionOf(options, 'allow_once') : null;
    if (choice === null || asking.isStopping()) {
      const why = answer.allow
        ? 'The agent cannot be allowed a single call, only all that are like it.'
        : answer.message;
      asking.ledger.refuse(call.id, why);
      if (answer.stop === true) asking.onStop(answer);
      return { result: asking.isStopping() ? CANCELLED : selected(optionOf(options, 'reject_once')) };
    }
    asking.ledger.allow(call.id, wanted ?? []);
    return { result: selected(choice) };
  };
}

/** An option of that kind; never one that holds for later calls, which must be asked about too. */
function optionOf(options: readonly JsonObject[], kind: 'allow_once' | 'reject_once'): string | null {
  return textAt(options.find((option) => option['kind'] === kind) ?? null, 'optionId');
}

function selected(optionId: string | null): JsonObject {
  return optionId === null ? CANCELLED : { outcome: { outcome: 'selected', optionId } };
}
