import { resolve } from 'node:path';
import type { JsonObject } from '@signalbox/kernel';
import type { AgentRequest } from '../contract.js';
import { isSettled, mergeToolCall, type ToolCall, toolName } from './tool-calls.js';

/** Kinds of calls that touch nothing outside of the agent: nobody needs to be asked. */
const HARMLESS = new Set(['think', 'switch_mode']);

interface Entry {
  call: ToolCall;
  answer: 'none' | 'open' | 'allowed' | 'refused';
  /** Absolute paths that were allowed to be read or written for this call, each as action and path. */
  granted: Set<string>;
  running: boolean;
}

/** The calls under way: what is known of each and what was answered about it. Forgets a call when it is over. */
export interface ToolLedger {
  /**
   * Takes a `tool_call` or `tool_call_update`. `breach`: what it did without leave, as a sentence. Null for more about a call
   * that was over already.
   */
  update(told: JsonObject): { call: ToolCall; breach: string | null } | null;
  /** Takes the call that a request for permission is about. */
  ask(told: JsonObject): ToolCall;
  allow(id: string, requests: readonly AgentRequest[]): void;
  refuse(id: string, why: string): void;
  /** Whether a call under way was allowed this very access: then it need not be judged again. */
  wasGranted(action: 'file.read' | 'file.write', path: string): boolean;
  /** An access through us was judged and allowed. */
  served(action: 'file.read' | 'file.write', path: string): void;
  /** What calls under way do without leave at the end of the turn, as a sentence. */
  breachAtEnd(): string | null;
  /** Why the last call that was asked about was refused; null when it was allowed. */
  lastRefusal(): string | null;
}

// Of accesses through us, and of calls that are over, so many are remembered.
const REMEMBERED_MAX = 10_000;

export function createToolLedger(workspace: string): ToolLedger {
  const entries = new Map<string, Entry>();
  const served = new Set<string>();
  const settled = new Set<string>();
  let refusal: string | null = null;
  const keyOf = (action: string, path: string): string => `${action} ${resolve(workspace, path)}`;
  const merge = (told: JsonObject): Entry => {
    const id = typeof told['toolCallId'] === 'string' ? told['toolCallId'] : '';
    const known = entries.get(id);
    const call = mergeToolCall(known?.call ?? null, told);
    const entry: Entry = known ? { ...known, call } : { call, answer: 'none', granted: new Set(), running: false };
    if (call.status === 'in_progress') entry.running = true;
    entries.set(id, entry);
    return entry;
  };
  /** Whether all that a call touches went through us. */
  const wasServed = ({ kind, changed, locations }: ToolCall): boolean => {
    const action = kind === 'read' ? 'file.read' : 'file.write';
    if (kind !== 'read' && kind !== 'edit') return false;
    const paths = [...changed, ...locations];
    return paths.length > 0 && paths.every((path) => served.has(keyOf(action, path)));
  };
  return {
    update(told) {
      if (told['sessionUpdate'] === 'tool_call_update' && settled.has(String(told['toolCallId']))) return null;
      const entry = merge(told);
      const { call } = entry;
      if (!isSettled(call)) return { call, breach: null };
      entries.delete(call.id);
      remember(settled, call.id);
      return { call, breach: breachOf(entry, wasServed) };
    },
    ask(told) {
      const entry = merge(told);
      entry.answer = 'open';
      return entry.call;
    },
    allow(id, requests) {
      refusal = null;
      const entry = entries.get(id);
      if (!entry) return;
      entry.answer = 'allowed';
      for (const request of requests) if ('path' in request) entry.granted.add(keyOf(request.action, request.path));
    },
    refuse(id, why) {
      refusal = why;
      const entry = entries.get(id);
      if (entry) entry.answer = 'refused';
    },
    wasGranted: (action, path) => [...entries.values()].some(({ granted }) => granted.has(keyOf(action, path))),
    served(action, path) {
      remember(served, keyOf(action, path));
    },
    breachAtEnd: () =>
      [...entries.values()].map((entry) => breachOf(entry, wasServed)).find((breach) => breach !== null) ?? null,
    lastRefusal: () => refusal,
  };
}

/** Agents such as opencode say `in_progress` and then ask, so only a call that is over, or left open at the end, tells. */
function breachOf({ call, answer, running }: Entry, wasServed: (call: ToolCall) => boolean): string | null {
  const acted = call.status === 'completed' || (call.status === 'failed' && call.kind === 'execute' && running);
  const left = call.status === 'in_progress';
  if ((!acted && !left) || HARMLESS.has(call.kind) || answer === 'allowed') return null;
  if (answer === 'refused') return acted ? `The agent did what it was refused: ${toolName(call)}.` : null;
  return wasServed(call) ? null : `The agent did not ask before it acted: ${toolName(call)}.`;
}

function remember(set: Set<string>, item: string): void {
  if (set.size >= REMEMBERED_MAX) set.clear();
  set.add(item);
}
