import type { JsonObject } from '@signalbox/kernel';
import { textAt } from '../claude-code/json-access.js';
import type { Failure, RunRequest } from '../contract.js';
import type { Link } from './link.js';
import { failureOfStop } from './outcome.js';
import { type AgentSession, call, isBroken, openSession, promptParams } from './session.js';

/** What became of the prompt. Neither an answer nor a failure: the agent was gone before it had answered. */
export interface Ending {
  answer: JsonObject | null;
  failure: Failure | null;
}

interface Talk {
  request: RunRequest;
  /** The session is there; false when the prompt is no longer wanted. */
  onSession(session: AgentSession): boolean;
  /** Why the last call that was asked about was refused. */
  lastRefusal(): string | null;
}

/** Asks all that we ask of an agent: a session, and in it the answer to the prompt. */
export async function talk(link: Link, { request, onSession, lastRefusal }: Talk): Promise<Ending> {
  const session = await openSession(link, request);
  if (isBroken(session)) return { answer: null, failure: session.failure };
  if (!onSession(session)) return { answer: null, failure: null };
  const called = await call(link, 'session/prompt', promptParams(session.id, request.prompt));
  if (isBroken(called)) return { answer: null, failure: called.failure };
  return { answer: called.answer, failure: failureOfAnswer(called.answer, lastRefusal()) };
}

function failureOfAnswer(answer: JsonObject, refusal: string | null): Failure | null {
  const stopReason = textAt(answer, 'stopReason');
  if (stopReason !== null) return failureOfStop(stopReason, refusal);
  return { class: 'invalid_output', message: 'The agent answered the prompt without saying why it stopped.' };
}
