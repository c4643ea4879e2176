import type { JsonObject } from '@signalbox/kernel';
import { numberAt, objectAt, textAt } from '../claude-code/json-access.js';
import type { AgentEvent, Usage } from '../contract.js';
import { isSettled, type ToolCall, toolName } from './tool-calls.js';
import type { ToolLedger } from './tool-ledger.js';

// Characters. A longer message is given in parts.
const TEXT_MAX = 256 * 1024;

/** What the updates of the session have told so far. */
export interface Updates {
  /** The events of one `session/update`; none for kinds that are not known, which is normal from version to version. */
  read(update: JsonObject): AgentEvent[];
  /** What was begun and not ended. */
  flush(): AgentEvent[];
  /** Whether a message was begun that was not told yet. */
  isSaying(): boolean;
  readonly lastText: string;
  /** US dollars of the session since it was opened; null when not told. */
  readonly costUsd: number | null;
}

/** `onBreach`: called when a call is seen that was done without leave. */
export function createUpdates(ledger: ToolLedger, onBreach: (what: string) => void): Updates {
  let [text, message, lastText] = ['', null as string | null, ''];
  let costUsd: number | null = null;
  const readCall = createCallReading(ledger, onBreach);

  const flushText = (): AgentEvent[] => {
    const event: AgentEvent = { type: 'text', text };
    if (text.trim() === '') return [];
    lastText = text;
    text = '';
    return [event];
  };
  const readChunk = (update: JsonObject): AgentEvent[] => {
    const id = textAt(update, 'messageId');
    const events = text.length > TEXT_MAX || (id !== null && message !== null && id !== message) ? flushText() : [];
    message = id;
    text += textAt(objectAt(update, 'content'), 'text') ?? '';
    return events;
  };
  const readUsage = (update: JsonObject): AgentEvent[] => {
    const cost = objectAt(update, 'cost');
    if (textAt(cost, 'currency')?.toUpperCase() === 'USD') costUsd = numberAt(cost, 'amount') ?? costUsd;
    return [];
  };
  return {
    read(update) {
      switch (update['sessionUpdate']) {
        case 'agent_message_chunk':
          return readChunk(update);
        case 'tool_call':
        case 'tool_call_update':
          return [...flushText(), ...readCall(update)];
        case 'usage_update':
          return readUsage(update);
        default:
          return [];
      }
    },
    flush: flushText,
    isSaying: () => text !== '',
    get lastText() {
      return lastText;
    },
    get costUsd() {
      return costUsd;
    },
  };
}

/** Reads calls and their results. A call is told once its input is known, at the latest when it is over. */
function createCallReading(ledger: ToolLedger, onBreach: (what: string) => void): (update: JsonObject) => AgentEvent[] {
  const told = new Set<string>();
  return (update) => {
    const known = ledger.update(update);
    if (known === null) return [];
    const { call, breach } = known;
    if (breach !== null) onBreach(breach);
    const settled = isSettled(call);
    const events: AgentEvent[] = [];
    if (!told.has(call.id) && (settled || call.status === 'in_progress' || Object.keys(call.input).length > 0)) {
      told.add(call.id);
      events.push(callEvent(call));
    }
    if (settled) {
      told.delete(call.id);
      const error = call.status === 'failed';
      events.push({ type: 'tool', id: call.id, name: toolName(call), phase: 'result', error });
    }
    return events;
  };
}

function callEvent(call: ToolCall): AgentEvent {
  return { type: 'tool', id: call.id, name: toolName(call), phase: 'call', input: call.input };
}

/** Of a prompt's answer the tokens (a draft of the protocol, which some agents follow), and what the updates told. */
export function usageOf(answer: JsonObject | null, costUsd: number | null): Usage {
  const tokens = objectAt(answer, 'usage');
  const input = numberAt(tokens, 'inputTokens');
  const told = {
    inputTokens: input,
    outputTokens: numberAt(tokens, 'outputTokens'),
    cacheReadTokens: numberAt(tokens, 'cachedReadTokens'),
    costUsd,
  };
  const usage: Usage = {};
  for (const [key, value] of Object.entries(told)) if (value !== null) usage[key as keyof Usage] = value;
  return usage;
}
