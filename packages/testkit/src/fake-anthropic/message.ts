import { randomToken } from '@signalbox/kernel';
import type { FakeTurn } from './scenario.js';

interface ContentBlock {
  type: 'text' | 'tool_use';
  [key: string]: unknown;
}

export interface Message {
  content: ContentBlock[];
  stop_reason: string;
  usage: { input_tokens: number; output_tokens: number; [key: string]: unknown };
  [key: string]: unknown;
}

const DELTA_CHARS = 24;

/** A turn as a message of the Messages API. Tokens are a quarter of the characters unless the turn says otherwise. */
export function messageOfTurn(turn: FakeTurn, model: string, requestChars: number): Message {
  const content: ContentBlock[] = [];
  if (turn.text !== undefined) content.push({ type: 'text', text: turn.text });
  for (const tool of turn.tool === undefined ? [] : [turn.tool].flat()) {
    content.push({ type: 'tool_use', id: randomToken('toolu'), name: tool.name, input: tool.input });
  }
  const asksTool = content.some((block) => block.type === 'tool_use');
  return {
    id: randomToken('msg'),
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: turn.stopReason ?? (asksTool ? 'tool_use' : 'end_turn'),
    stop_sequence: null,
    usage: {
      input_tokens: Math.ceil(requestChars / 4),
      output_tokens: Math.ceil(JSON.stringify(content).length / 4),
      cache_creation_input_tokens: 0,
      cache_read_input_tokens: 0,
      ...turn.usage,
    },
  };
}

export interface StreamEvent {
  type: string;
  [key: string]: unknown;
}

/** The server-sent events that carry a message. */
export function* streamEvents(message: Message): Generator<StreamEvent> {
  const { content, stop_reason, usage, ...head } = message;
  const started = { ...head, content: [], stop_reason: null, usage: { ...usage, output_tokens: 1 } };
  yield { type: 'message_start', message: started };
  for (const [index, block] of content.entries()) {
    const isTool = block.type === 'tool_use';
    const empty = isTool ? { ...block, input: {} } : { ...block, text: '' };
    yield { type: 'content_block_start', index, content_block: empty };
    for (const piece of pieces(isTool ? JSON.stringify(block['input']) : String(block['text']))) {
      const delta = isTool ? { type: 'input_json_delta', partial_json: piece } : { type: 'text_delta', text: piece };
      yield { type: 'content_block_delta', index, delta };
    }
    yield { type: 'content_block_stop', index };
  }
  const { output_tokens } = usage;
  yield { type: 'message_delta', delta: { stop_reason, stop_sequence: null }, usage: { output_tokens } };
  yield { type: 'message_stop' };
}

function pieces(text: string): string[] {
  const all: string[] = [];
  for (let at = 0; at < text.length; at += DELTA_CHARS) all.push(text.slice(at, at + DELTA_CHARS));
  return all;
}
