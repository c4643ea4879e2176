import type { JsonObject } from '@signalbox/kernel';
import { objectAt, textAt } from '../claude-code/json-access.js';
import type { AgentEvent } from '../contract.js';
import type { Findings } from './findings.js';

/** What codex says of itself, and not what it does. */
const TALK = new Set(['agent_message', 'reasoning', 'error', 'todo_list']);

/** Of an item, what it was asked to do. Its output is not told on: it can be long and hold anything. */
const INPUT_KEYS = ['command', 'changes', 'server', 'tool', 'arguments', 'query'] as const;

type Read = (line: JsonObject) => AgentEvent[];

/** Reads items: messages, commands, changes of files. Keeps the ids of the items in progress. */
export function createItemReading(findings: Findings): { started: Read; completed: Read } {
  const open = new Set<string>();
  let worked = false;
  const call = (item: JsonObject, id: string, name: string): AgentEvent => {
    open.add(id);
    return { type: 'tool', id, name, phase: 'call', input: inputOf(item) };
  };
  return {
    started(line) {
      const item = objectAt(line, 'item');
      const [id, name] = [textAt(item, 'id'), textAt(item, 'type')];
      if (item === null || id === null || name === null || TALK.has(name)) return [];
      return [call(item, id, name)];
    },
    completed(line) {
      const item = objectAt(line, 'item');
      const [id, name] = [textAt(item, 'id'), textAt(item, 'type')];
      if (item === null || id === null || name === null) return [];
      if (name === 'error') return readWarning(item);
      findings.retrying = null; // the model has answered
      if (TALK.has(name)) return readTalk(item, name, findings);
      const events = open.has(id) ? [] : [call(item, id, name)];
      open.delete(id);
      const error = (textAt(item, 'status') ?? 'completed') !== 'completed';
      if (!error) worked = true;
      findings.sandboxFault = worked ? null : (sandboxFaultOf(item) ?? findings.sandboxFault);
      return [...events, { type: 'tool', id, name, phase: 'result', error }];
    },
  };
}

function inputOf(item: JsonObject): JsonObject {
  const input: JsonObject = {};
  for (const key of INPUT_KEYS) if (item[key] !== undefined) input[key] = item[key];
  return input;
}

// An item of type `error` is a warning, for example about a model that codex does not know: the turn goes on.
function readWarning(item: JsonObject): AgentEvent[] {
  const message = textAt(item, 'message');
  return message === null ? [] : [{ type: 'text', text: `codex warns: ${message}` }];
}

function readTalk(item: JsonObject, name: string, findings: Findings): AgentEvent[] {
  const text = textAt(item, 'text');
  if (name !== 'agent_message' || text === null) return [];
  findings.lastText = text;
  return [{ type: 'text', text }];
}

/** Where user namespaces are forbidden every command ends with a word of `bwrap`, and yet the turn is completed. */
function sandboxFaultOf(item: JsonObject): string | null {
  return /^bwrap: .*/.exec(textAt(item, 'aggregated_output') ?? '')?.[0] ?? null;
}
