import type { AnyMessage, JsonRpcId } from '@agentclientprotocol/sdk';
import type { Json, JsonObject } from '@signalbox/kernel';
import { textAt } from '../claude-code/json-access.js';
import { asRpcError, type RpcError } from './rpc-error.js';

/** What became of a request to the agent. `closed`: it was gone before it answered. */
export type Reply = { kind: 'result'; result: Json } | { kind: 'error'; error: RpcError } | { kind: 'closed' };

/** What we answer to a request of the agent. */
export type Served = { result: JsonObject } | { error: RpcError };

/** One side of a JSON-RPC conversation over lines: ours. */
export interface Link {
  /** Never rejects. */
  request(method: string, params: JsonObject): Promise<Reply>;
  notify(method: string, params: JsonObject): void;
  /** Takes a request or a response of the agent. False for what is neither, or answers nothing that was asked. */
  receive(message: JsonObject): boolean;
  /** Whatever is still unanswered is `closed`. */
  close(): void;
}

interface Ends {
  /** Writes one line. */
  send(line: string): void;
  serve(method: string, params: Json): Promise<Served>;
}

/**
 * Opens a connection of the protocol's SDK, which is loaded on first use only: it and its schema library take some 90 ms.
 *
 * The SDK gets requests and responses, and handlers that take any params. It would check known methods against strict schemas
 * and drop, with a line on our own error output, what real agents send beyond or beside them; and it would answer lines that
 * are no messages with an error that no agent expects. So updates are read elsewhere and strangers do not come here.
 */
export async function openLink(ends: Ends): Promise<Link> {
  const { client, RequestError } = await import('@agentclientprotocol/sdk');
  const asked = new Set<JsonRpcId>();
  let give: (message: AnyMessage) => void = () => {};
  const readable = new ReadableStream<AnyMessage>({
    start(controller) {
      give = (message) => controller.enqueue(message);
    },
  });
  const writable = new WritableStream<AnyMessage>({
    write(message) {
      if ('method' in message && 'id' in message) asked.add(message.id);
      ends.send(JSON.stringify(message));
    },
  });
  const connection = client({ name: 'signalbox' })
    .onRequest('*', async ({ method, params }) => {
      const served = await ends.serve(method, params as Json);
      if ('result' in served) return served.result;
      throw new RequestError(served.error.code, served.error.message, served.error.data);
    })
    .connect({ readable, writable });

  return {
    async request(method, params) {
      try {
        return { kind: 'result', result: await connection.agent.request<Json, JsonObject>(method, params) };
      } catch (error) {
        return connection.signal.aborted ? { kind: 'closed' } : { kind: 'error', error: asRpcError(error) };
      }
    },
    notify: (method, params) => void connection.agent.notify(method, params).catch(() => {}),
    receive(message) {
      const id = message['id'];
      if (typeof id !== 'string' && typeof id !== 'number') return false;
      if (textAt(message, 'method') === null && !asked.delete(id)) return false;
      give({ ...message, jsonrpc: '2.0' } as unknown as AnyMessage);
      return true;
    },
    close: () => connection.close(),
  };
}
