import type { IncomingMessage, ServerResponse } from 'node:http';
import { createTurnChooser } from '../fake-anthropic/choose-turn.js';
import type { Scenario } from '../fake-anthropic/scenario.js';
import { startLoopbackServer } from '../loopback-server.js';
import { readResponsesConversation } from './conversation.js';
import { respondWithFault, sendError, sendJson, streamResponse } from './respond.js';
import { responseOfTurn } from './response.js';
import type { OpenAIFault, OpenAIScenario } from './scenario.js';

/** One request that was made, in the order of arrival. */
export interface OpenAIRequest {
  method: string;
  path: string;
  /** For responses only: */
  model?: string;
  prompt?: string;
  turn?: number;
  toolResult?: string;
  tools?: string[];
  fault?: OpenAIFault['kind'];
  /** The `prompt_cache_key`: codex gives the id of its thread. */
  session?: string;
  /** Whether there was an `authorization` header with a token in it. */
  authorized?: boolean;
  /** Everything that the model was given, as text. */
  body?: string;
}

export interface FakeOpenAIOptions {
  scenario?: OpenAIScenario;
  /** Called with each request for an answer of the model, before it gets one. */
  onRequest?: (request: OpenAIRequest) => void;
}

export interface FakeOpenAI {
  /** The base URL of a provider, ending with `/v1`. Loopback only. */
  readonly url: string;
  readonly requests: readonly OpenAIRequest[];
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

/** Starts a scripted stand-in for OpenAI's Responses API (streaming and plain) on a free port of 127.0.0.1. */
export async function startFakeOpenAI(options: FakeOpenAIOptions = {}): Promise<FakeOpenAI> {
  // The chooser hands faults through unread, so that they may be of more kinds than its own.
  const choose = createTurnChooser((options.scenario ?? {}) as Scenario);
  const requests: OpenAIRequest[] = [];

  const answerResponses = (
    request: IncomingMessage,
    response: ServerResponse,
    text: string,
    entry: OpenAIRequest,
  ): void => {
    const body = JSON.parse(text);
    const conversation = readResponsesConversation(body);
    const chosen = choose(conversation);
    const fault = chosen.fault as OpenAIFault | null;
    const { model, prompt, toolResult, tools, turn } = conversation;
    const authorized = /^Bearer \S/.test(request.headers.authorization ?? '');
    Object.assign(entry, { model, prompt, toolResult, tools, turn, authorized, body: text });
    if (fault) entry.fault = fault.kind;
    if (typeof body.prompt_cache_key === 'string') entry.session = body.prompt_cache_key;
    options.onRequest?.(entry);
    if (respondWithFault(request, response, fault)) return;
    const answer = responseOfTurn(chosen.turn, model, text.length);
    if (conversation.stream) streamResponse(request, response, answer, fault);
    else sendJson(response, 200, answer);
  };
  const answer = (request: IncomingMessage, response: ServerResponse, text: string): void => {
    const { method = '', url = '/' } = request;
    const path = new URL(url, 'http://localhost').pathname;
    const entry: OpenAIRequest = { method, path };
    requests.push(entry);
    if (method === 'POST' && path === '/v1/responses') answerResponses(request, response, text, entry);
    else if (path === '/v1/models') sendJson(response, 200, { object: 'list', data: [], models: [] });
    else sendError(response, 404, `The fake has no route ${method} ${path}.`);
  };

  const server = await startLoopbackServer(answer, (response, message) => sendError(response, 400, message));
  return { url: `${server.url}/v1`, requests, close: server.close };
}
