import type { Json, JsonObject } from '@signalbox/kernel';

/** A tool that the fake model asks for. */
export interface FakeTool {
  name: string;
  input: JsonObject;
}

/** One answer of the fake model. Strings may hold `{{cwd}}`, `{{toolResult}}` and, in scripts, `{{1}}` … groups. */
export interface FakeTurn {
  text?: string;
  tool?: FakeTool | FakeTool[];
  /** Default: `tool_use` when there is a tool, else `end_turn`. */
  stopReason?: string;
  usage?: { input_tokens?: number; output_tokens?: number; cache_read_input_tokens?: number };
}

/** What goes wrong instead of, or in the middle of, an answer. */
export type FakeFault =
  | { kind: 'status'; status: number; headers?: Record<string, string>; message?: string }
  | { kind: 'overloaded' }
  | { kind: 'auth' }
  /** Never answers. */
  | { kind: 'hang' }
  /** Starts a stream, then silence. */
  | { kind: 'hang_stream' }
  /** Cuts the connection before a byte. */
  | { kind: 'reset' }
  /** Cuts the connection in the middle of the first block. */
  | { kind: 'reset_stream' }
  /** Cuts the connection in the middle of a tool call, when what came before it is whole. */
  | { kind: 'reset_tool' }
  /** Ends the stream politely after its last block, without the end of the message. */
  | { kind: 'end_stream' };

export interface FakeScript {
  /** Regular expression (flags `is`) on the last plain prompt. */
  prompt: string;
  turns: FakeTurn[];
}

export interface FaultRule {
  /** Regular expression on the last plain prompt. Default: every prompt. */
  prompt?: string;
  /** Only at this turn of the conversation, from 0. */
  turn?: number;
  /** How many requests it hits. Default: 1. */
  times?: number;
  fault: FakeFault;
}

/**
 * What the fake model does. Which turn it gives is read from the conversation (answers since the last plain prompt), so
 * retries, resumed sessions and parallel agents need no state here. A prompt may carry its own turns:
 * `<fake-model>[{"text":"done"}]</fake-model>`.
 */
export interface Scenario {
  faults?: FaultRule[];
  scripts?: FakeScript[];
  /** When nothing matches or the turns have run out. Default: the text `ok`. */
  fallback?: FakeTurn;
}

/** Replaces `{{name}}` in every string of a value; unknown names stay. */
export function fillTemplates<T extends Json | FakeTurn>(value: T, variables: Readonly<Record<string, string>>): T {
  const fill = (item: unknown): unknown => {
    if (typeof item === 'string') return item.replace(/\{\{(\w+)\}\}/g, (all, name) => variables[name] ?? all);
    if (Array.isArray(item)) return item.map(fill);
    if (item === null || typeof item !== 'object') return item;
    return Object.fromEntries(Object.entries(item).map(([key, member]) => [key, fill(member)]));
  };
  return fill(value) as T;
}
