import { type Json, messageOf } from '@signalbox/kernel';

/** A JSON-RPC error. */
export interface RpcError {
  code: number;
  message: string;
  data?: Json;
}

/** By JSON-RPC: what was sent is no request or response. */
export const INVALID_MESSAGE = -32600;
export const METHOD_NOT_FOUND = -32601;
export const INVALID_PARAMS = -32602;
/** By the protocol: log in first. */
export const AUTH_REQUIRED = -32000;
/** By the protocol: there is no such file or session. */
export const NOT_FOUND = -32002;
/** Ours: policy, or the border of the workspace, says no. */
export const REFUSED = -32003;

export function asRpcError(error: unknown): RpcError {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  const data = typeof error === 'object' && error !== null && 'data' in error ? error.data : undefined;
  return {
    code: typeof code === 'number' ? code : INVALID_MESSAGE,
    message: messageOf(error),
    ...(data === undefined ? {} : { data: data as Json }),
  };
}
