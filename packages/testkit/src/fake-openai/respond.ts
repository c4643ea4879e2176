import type { IncomingMessage, ServerResponse } from 'node:http';
import { type ModelResponse, type ResponseEvent, responseEvents, unfinished } from './response.js';
import type { OpenAIFault } from './scenario.js';

const ERROR_TYPES: Record<number, string> = {
  400: 'invalid_request_error',
  401: 'invalid_request_error',
  429: 'rate_limit_error',
};

type Headers = Readonly<Record<string, string>>;

export function sendJson(response: ServerResponse, status: number, body: unknown, headers: Headers = {}): void {
  response.writeHead(status, { 'content-type': 'application/json', ...headers });
  response.end(JSON.stringify(body));
}

export function sendError(response: ServerResponse, status: number, message: string, headers: Headers = {}): void {
  const error = { message, type: ERROR_TYPES[status] ?? 'server_error', param: null, code: null };
  sendJson(response, status, { error }, headers);
}

/** Serves a fault that comes before an answer. False when there is none, and the answer is to begin. */
export function respondWithFault(
  request: IncomingMessage,
  response: ServerResponse,
  fault: OpenAIFault | null,
): boolean {
  switch (fault?.kind) {
    case 'status':
      sendError(response, fault.status, fault.message ?? `fake ${fault.status}`, fault.headers);
      return true;
    case 'body':
      sendJson(response, fault.status, fault.body, fault.headers);
      return true;
    case 'overloaded':
      sendError(response, 503, 'The server is overloaded.');
      return true;
    case 'auth':
      sendError(response, 401, 'Incorrect API key provided.');
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

/** Streams a response, up to where its fault strikes. */
export function streamResponse(
  request: IncomingMessage,
  response: ServerResponse,
  answer: ModelResponse,
  fault: OpenAIFault | null,
): void {
  response.writeHead(200, { 'content-type': 'text/event-stream; charset=utf-8' });
  const write = (event: ResponseEvent, sent?: () => void): boolean => response.write(frame(event), sent);
  if (fault?.kind === 'invalid_json') {
    response.end('event: response.created\ndata: {"type":"response.created",\n\nevent: x\ndata: <html>\n\n');
    return;
  }
  const cut = (): void => void request.socket.resetAndDestroy();
  for (const event of responseEvents(answer)) {
    const last = event.type === 'response.completed';
    if (last && fault?.kind === 'end_stream') break;
    const ending = fault && event.type !== 'response.created' ? endingOf(answer, fault) : null;
    if (ending) {
      write(ending);
      break;
    }
    if (fault?.kind === 'reset_stream' && event.type === 'response.output_item.added') {
      write(event, cut);
      return;
    }
    write(event);
    if (fault?.kind === 'hang_stream') return;
  }
  response.end();
}

const frame = (event: ResponseEvent): string => `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`;

/** The event that ends a response otherwise than by its completion. */
function endingOf(answer: ModelResponse, fault: OpenAIFault): ResponseEvent | null {
  if (fault.kind === 'failed') {
    const error = { code: fault.code, message: fault.message };
    return { type: 'response.failed', response: { ...unfinished(answer), status: 'failed', error } };
  }
  if (fault.kind !== 'incomplete') return null;
  const incomplete_details = { reason: fault.reason };
  return {
    type: 'response.incomplete',
    response: { ...unfinished(answer), status: 'incomplete', incomplete_details },
  };
}
