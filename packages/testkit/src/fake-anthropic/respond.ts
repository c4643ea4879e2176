import type { IncomingMessage, ServerResponse } from 'node:http';
import { randomToken } from '@signalbox/kernel';
import { type Message, type StreamEvent, streamEvents } from './message.js';
import type { FakeFault } from './scenario.js';

const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'authentication_error',
  402: 'billing_error',
  403: 'permission_error',
  404: 'not_found_error',
  429: 'rate_limit_error',
  529: 'overloaded_error',
};

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/json', 'request-id': randomToken('req'), ...headers });
  response.end(JSON.stringify(body));
}

export function sendError(
  response: ServerResponse,
  status: number,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  const error = { type: ERROR_TYPES[status] ?? 'api_error', message };
  sendJson(response, status, { type: 'error', error }, headers);
}

/** Serves a fault that comes before an answer. False when there is none, and the answer is to begin. */
export function respondWithFault(request: IncomingMessage, response: ServerResponse, fault: FakeFault | null): boolean {
  switch (fault?.kind) {
    case 'status':
      sendError(response, fault.status, fault.message ?? `fake ${fault.status}`, fault.headers);
      return true;
    case 'overloaded':
      sendError(response, 529, 'Overloaded');
      return true;
    case 'auth':
      sendError(response, 401, 'invalid x-api-key');
      return true;
    case 'hang':
      return true; // the connection stays open until the client or `close` ends it
    case 'reset':
      request.socket.resetAndDestroy();
      return true;
    default:
      return false;
  }
}

/** Streams a message, up to where its fault strikes. */
export function streamMessage(
  request: IncomingMessage,
  response: ServerResponse,
  message: Message,
  fault: FakeFault | null,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8', 'request-id': randomToken('req') });
  const write = (event: { type: string }, sent?: () => void): boolean =>
    response.write(`event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`, sent);
  for (const event of streamEvents(message)) {
    if (fault?.kind === 'end_stream' && event.type === 'message_delta') break;
    if (fault?.kind === 'hang_stream' && event.type === 'content_block_start') return;
    if (isCut(event, fault)) {
      write(event, () => request.socket.resetAndDestroy());
      return;
    }
    write(event);
  }
  response.end();
}

function isCut(event: StreamEvent, fault: FakeFault | null): boolean {
  if (event.type !== 'content_block_delta') return false;
  if (fault?.kind === 'reset_stream') return true;
  return fault?.kind === 'reset_tool' && (event['delta'] as { type?: string }).type === 'input_json_delta';
}
