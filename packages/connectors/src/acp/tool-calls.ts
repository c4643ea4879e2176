import type { JsonObject } from '@signalbox/kernel';
import { objectAt, objectsAt, textAt } from '../claude-code/json-access.js';

/** What is known of one tool call, from all that was told of it. */
export interface ToolCall {
  id: string;
  /** Of the protocol's kinds; `other` when none is told. */
  kind: string;
  /** The tool's own name, else what the agent calls it for a person. */
  name: string;
  title: string;
  input: JsonObject;
  /** Files that it is said to touch, and those it shows a change of. */
  locations: string[];
  changed: string[];
  status: string;
}

/** Adds to what is known of a call what a `tool_call`, a `tool_call_update` or a request for permission tells. */
export function mergeToolCall(known: ToolCall | null, told: JsonObject): ToolCall {
  const title = textAt(told, 'title') ?? known?.title ?? '';
  const kind = textAt(told, 'kind') ?? known?.kind ?? 'other';
  const input = inputOf(told) ?? known?.input ?? {};
  return {
    id: textAt(told, 'toolCallId') ?? known?.id ?? '',
    kind,
    name: nameOf(told) ?? known?.name ?? '',
    title,
    input,
    locations: pathsOf(told, 'locations') ?? known?.locations ?? [],
    changed: changesOf(told) ?? known?.changed ?? [],
    status: textAt(told, 'status') ?? known?.status ?? 'pending',
  };
}

/** What to call a tool in a rule or a record: its name where the agent tells it. */
export function toolName(call: ToolCall): string {
  return (call.name || call.title || call.kind).slice(0, 200);
}

/** Whether it is over. */
export function isSettled({ status }: ToolCall): boolean {
  return status === 'completed' || status === 'failed';
}

// `_meta` is free; claude-agent-acp tells the name there.
function nameOf(told: JsonObject): string | null {
  return textAt(told, 'name') ?? textAt(objectAt(objectAt(told, '_meta'), 'claudeCode'), 'toolName');
}

/** An empty input is one that is still to come: agents announce a call before the model has told what it wants. */
function inputOf(told: JsonObject): JsonObject | null {
  const input = objectAt(told, 'rawInput');
  return input && Object.keys(input).length > 0 ? input : null;
}

function pathsOf(told: JsonObject, key: string): string[] | null {
  if (!Array.isArray(told[key])) return null;
  const paths = objectsAt(told, key).map((item) => textAt(item, 'path'));
  return paths.filter((path) => path !== null);
}

/** Changes stay known when an update replaces the content by a text. */
function changesOf(told: JsonObject): string[] | null {
  const changes = objectsAt(told, 'content').filter((item) => item['type'] === 'diff');
  const paths = changes.map((item) => textAt(item, 'path')).filter((path) => path !== null);
  return paths.length > 0 ? paths : null;
}
