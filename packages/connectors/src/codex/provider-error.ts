import type { Failure, FailureClass } from '../contract.js';
import { resumeTimeOf } from './resume-time.js';

const QUOTED_CHARS = 2000;

/** Codex tells an error of its provider as a sentence; these are those of 0.169, the first that matches counts. */
const SENTENCES: readonly (readonly [RegExp, FailureClass])[] = [
  [
    /missing environment variable|quota exceeded|billing|upgrade to |log ?in again|not logged in|sign in|refresh token/i,
    'auth',
  ],
  [/usage limit|rate limit/i, 'rate_limited'],
  [/incomplete response returned|context window|invalid_request_error/i, 'agent_error'],
  [
    /stream disconnected|high demand|at capacity|overloaded|connection|error sending request|network|timed? ?out/i,
    'transient',
  ],
];

/** The failure that a sentence of codex about its provider stands for. Whatever is not known is the agent's own error. */
export function failureOfMessage(message: string, now: number): Failure {
  const failureClass = classOf(message);
  const failure: Failure = { class: failureClass, message: message.slice(0, QUOTED_CHARS) };
  const resumeAt = failureClass === 'rate_limited' ? resumeTimeOf(message, now) : null;
  return resumeAt === null ? failure : { ...failure, resumeAt };
}

function classOf(message: string): FailureClass {
  const status = Number(/\bstatus:? (\d{3})\b/i.exec(message)?.[1] ?? 0);
  if (status === 401 || status === 402 || status === 403) return 'auth';
  if (status === 429) return 'rate_limited';
  if (status >= 500 || status === 408) return 'transient';
  if (status >= 400) return 'agent_error';
  return SENTENCES.find(([pattern]) => pattern.test(message))?.[1] ?? 'agent_error';
}
