import type { Json } from '@signalbox/kernel';
import type { Failure, FailureClass } from '../contract.js';
import type { ExitStatus } from '../process/types.js';
import { AUTH_REQUIRED, INVALID_MESSAGE, type RpcError } from './rpc-error.js';

const QUOTED_CHARS = 2000;

/** Agents pass on what their provider says in words of their own; the first that matches counts. */
const WORDS: readonly (readonly [RegExp, FailureClass])[] = [
  [/rate.?limit|too many requests|usage limit|quota|resource.?exhausted/i, 'rate_limited'],
  [/authenticat|unauthorized|api.?key|log ?in|logged in|sign in|credential|billing|credit balance|forbidden/i, 'auth'],
  [/overloaded|unavailable|high demand|internal server error|bad gateway|gateway timeout/i, 'transient'],
  [
    /connection (error|reset|refused|closed)|fetch failed|socket hang up|network|timed? ?out|E(CONN|PIPE|AI_)/i,
    'transient',
  ],
];

/** The failure that an error of the agent stands for. Whatever is not known is the agent's own error. */
export function failureOfError(error: RpcError): Failure {
  const details = detailsOf(error.data);
  const message = details === '' || error.message.includes(details) ? error.message : `${error.message}: ${details}`;
  return { class: classOfError(error.code, message), message: message.slice(0, QUOTED_CHARS) };
}

/** What a text about a fault of the provider stands for; null when it tells nothing of the kind. */
export function classOfText(text: string): FailureClass | null {
  const status = Number(/\b(?:error|status|code|http)\b\D{0,12}\b([1-5]\d{2})\b/i.exec(text)?.[1] ?? 0);
  if (status === 401 || status === 402 || status === 403) return 'auth';
  if (status === 429) return 'rate_limited';
  if (status >= 500 || status === 408) return 'transient';
  return WORDS.find(([pattern]) => pattern.test(text))?.[1] ?? null;
}

/** `refusal`: why the last call that the agent asked about was refused; null when it was not. */
export function failureOfStop(stopReason: string, refusal: string | null): Failure | null {
  if (stopReason === 'end_turn') return null;
  const refused = stopReason === 'cancelled' || stopReason === 'refusal' ? refusal : null;
  if (refused !== null) {
    return { class: 'policy_denied', message: `The agent gave up after a call of it was refused: ${refused}` };
  }
  const known = STOPS[stopReason];
  if (known !== undefined) return { class: 'agent_error', message: known };
  const told = stopReason.slice(0, 100);
  return { class: 'invalid_output', message: `The agent ended its turn for a reason that is not known: ${told}.` };
}

const STOPS: Readonly<Record<string, string>> = {
  cancelled: 'The agent cancelled its turn without being asked to.',
  max_tokens: 'The limit of tokens was reached.',
  max_turn_requests: "The agent's own limit of requests was reached.",
  refusal: 'The model refuses to go on.',
};

/** Of an agent that answered that all is well, and then ended by itself as if it were not. */
export function failureOfBadEnd(exit: ExitStatus, errorTail: string): Failure | null {
  if (exit.stopped !== null || exit.code === 0) return null;
  const tail = errorTail.trim().slice(-QUOTED_CHARS);
  const how = exit.code ?? exit.signal;
  const message = `The agent reported success without exit code 0 (it was ${how})${tail === '' ? '.' : `: ${tail}`}`;
  return { class: 'invalid_output', message };
}

/** Of an agent that was gone before it had answered. `strange`: lines that were none of the protocol. */
export function failureOfExit(
  exit: { code: number | null; signal: string | null },
  errorTail: string,
  strange: number,
): Failure {
  const tail = errorTail.trim().slice(-QUOTED_CHARS);
  const how = exit.code === null ? `was killed by ${exit.signal}` : `ended with exit code ${exit.code}`;
  const odd = strange === 0 ? '' : `; ${strange} of its lines were none of the protocol`;
  const message = `The agent ${how} before it answered${odd}${tail === '' ? '.' : `: ${tail}`}`;
  return { class: exit.code === null ? 'crashed' : (classOfText(tail) ?? 'invalid_output'), message };
}

function classOfError(code: number, message: string): FailureClass {
  if (code === INVALID_MESSAGE) return 'invalid_output';
  return classOfText(message) ?? (code === AUTH_REQUIRED ? 'auth' : 'agent_error');
}

function detailsOf(data: Json | undefined): string {
  if (typeof data === 'string') return data;
  if (typeof data !== 'object' || data === null || Array.isArray(data)) return '';
  const told = data['details'] ?? data['message'] ?? data['error'];
  return typeof told === 'string' ? told : '';
}
