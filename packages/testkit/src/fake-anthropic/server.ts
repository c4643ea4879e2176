import type { IncomingMessage, ServerResponse } from 'node:http';
import { startLoopbackServer } from '../loopback-server.js';
import { createTurnChooser } from './choose-turn.js';
import { readConversation } from './conversation.js';
import { messageOfTurn } from './message.js';
import { respondWithFault, sendError, sendJson, streamMessage } from './respond.js';
import type { FakeFault, Scenario } from './scenario.js';

/** One request that was made, in the order of arrival. */
export interface FakeRequest {
  method: string;
  path: string;
  /** For messages only: */
  model?: string;
  prompt?: string;
  turn?: number;
  toolResult?: string;
  tools?: string[];
  fault?: FakeFault['kind'];
  /** The session that the client told in `x-claude-code-session-id`. */
  session?: string;
}

export interface FakeAnthropicOptions {
  scenario?: Scenario;
  /** Called with each request for an answer of the model, before it gets one. */
  onRequest?: (request: FakeRequest) => void;
}

export interface FakeAnthropic {
  /** For `ANTHROPIC_BASE_URL`. Loopback only. */
  readonly url: string;
  readonly requests: readonly FakeRequest[];
  /** Cuts every connection and stops listening. */
  close(): Promise<void>;
}

/** Starts a scripted stand-in for the Anthropic Messages API (streaming and plain) on a free port of 127.0.0.1. */
export async function startFakeAnthropic(options: FakeAnthropicOptions = {}): Promise<FakeAnthropic> {
  const choose = createTurnChooser(options.scenario ?? {});
  const requests: FakeRequest[] = [];

  const answerMessages = (
    request: IncomingMessage,
    response: ServerResponse,
    text: string,
    entry: FakeRequest,
  ): void => {
    const conversation = readConversation(JSON.parse(text));
    const { turn, fault } = choose(conversation);
    const { model, prompt, toolResult, tools } = conversation;
    Object.assign(entry, { model, prompt, toolResult, tools, turn: conversation.turn });
    if (fault) entry.fault = fault.kind;
    const session = request.headers['x-claude-code-session-id'];
    if (typeof session === 'string') entry.session = session;
    options.onRequest?.(entry);
    if (respondWithFault(request, response, fault)) return;
    const message = messageOfTurn(turn, model, text.length);
    if (conversation.stream) streamMessage(request, response, message, fault);
    else sendJson(response, 200, message);
  };
  const answer = (request: IncomingMessage, response: ServerResponse, text: string): void => {
    const { method = '', url = '/' } = request;
    const path = new URL(url, 'http://localhost').pathname;
    const entry: FakeRequest = { method, path };
    requests.push(entry);
    if (method === 'POST' && path === '/v1/messages') answerMessages(request, response, text, entry);
    else if (path === '/v1/messages/count_tokens')
      sendJson(response, 200, { input_tokens: Math.ceil(text.length / 4) });
    else if (path === '/')
      response.writeHead(200).end(); // agents warm their connection up with it
    else sendError(response, 404, `The fake has no route ${method} ${path}.`);
  };

  const server = await startLoopbackServer(answer, (response, message) => sendError(response, 400, message));
  return { url: server.url, requests, close: server.close };
}
