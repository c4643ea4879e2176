import { randomToken } from '@signalbox/kernel';
import type { FakeTool, FakeTurn } from '../fake-anthropic/scenario.js';

interface OutputItem {
  type: 'message' | 'function_call' | 'custom_tool_call';
  id: string;
  [key: string]: unknown;
}

/** A response of the Responses API. */
export interface ModelResponse {
  id: string;
  status: string;
  output: OutputItem[];
  usage: object | null;
  [key: string]: unknown;
}

export interface ResponseEvent {
  type: string;
  [key: string]: unknown;
}

const DELTA_CHARS = 24;

/** A turn as a response. Tokens are a quarter of the characters unless the turn says otherwise. */
export function responseOfTurn(turn: FakeTurn, model: string, requestChars: number): ModelResponse {
  const output: OutputItem[] = [];
  if (turn.text !== undefined) output.push(messageItem(turn.text));
  for (const tool of turn.tool === undefined ? [] : [turn.tool].flat()) output.push(callItem(tool));
  const input_tokens = turn.usage?.input_tokens ?? Math.ceil(requestChars / 4);
  const output_tokens = turn.usage?.output_tokens ?? Math.ceil(JSON.stringify(output).length / 4);
  return {
    id: randomToken('resp'),
    object: 'response',
    created_at: 0,
    model,
    status: 'completed',
    error: null,
    output,
    usage: {
      input_tokens,
      input_tokens_details: { cached_tokens: turn.usage?.cache_read_input_tokens ?? 0 },
      output_tokens,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input_tokens + output_tokens,
    },
  };
}

function messageItem(text: string): OutputItem {
  const content = [{ type: 'output_text', text, annotations: [] }];
  return { type: 'message', id: randomToken('msg'), role: 'assistant', status: 'completed', content };
}

function callItem({ name, input }: FakeTool): OutputItem {
  const call = { call_id: randomToken('call'), name, status: 'completed' };
  const { freeform } = input;
  return typeof freeform === 'string'
    ? { type: 'custom_tool_call', id: randomToken('ctc'), ...call, input: freeform }
    : { type: 'function_call', id: randomToken('fc'), ...call, arguments: JSON.stringify(input) };
}

/** The server-sent events that carry a response. */
export function* responseEvents(response: ModelResponse): Generator<ResponseEvent> {
  let sequence_number = 0;
  const event = (type: string, members: object): ResponseEvent => ({
    type,
    sequence_number: sequence_number++,
    ...members,
  });
  yield event('response.created', { response: unfinished(response) });
  for (const [output_index, item] of response.output.entries()) {
    const begun = { ...item, status: 'in_progress', ...(item.type === 'message' ? { content: [] } : {}) };
    yield event('response.output_item.added', { output_index, item: begun });
    for (const delta of pieces(textOfMessage(item))) {
      yield event('response.output_text.delta', { output_index, item_id: item.id, content_index: 0, delta });
    }
    yield event('response.output_item.done', { output_index, item });
  }
  yield event('response.completed', { response });
}

/** A response as it is at its start. */
export function unfinished(response: ModelResponse): ModelResponse {
  return { ...response, status: 'in_progress', output: [], usage: null };
}

function textOfMessage({ type, content }: OutputItem): string {
  return type === 'message' ? (content as { text: string }[]).map((part) => part.text).join('') : '';
}

function pieces(text: string): string[] {
  const all: string[] = [];
  for (let at = 0; at < text.length; at += DELTA_CHARS) all.push(text.slice(at, at + DELTA_CHARS));
  return all;
}
