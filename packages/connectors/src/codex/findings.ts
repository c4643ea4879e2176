import type { JsonObject } from '@signalbox/kernel';
import type { Failure } from '../contract.js';

/** What the lines so far have told, for the judgement at the end. */
export interface Findings {
  /** The id of the thread; null until codex is up. */
  session: string | null;
  /** How far the last turn has come. */
  turn: 'none' | 'running' | 'completed' | 'failed';
  /** Of the completed turns; in a resumed thread it counts from the thread's beginning. */
  usage: JsonObject | null;
  /** Why the turn failed. */
  failure: Failure | null;
  /** Why the provider is being tried again; null once it has answered. */
  retrying: Failure | null;
  lastText: string;
  /** What the sandbox said when it could not be set up; null once a command or an edit has worked. */
  sandboxFault: string | null;
}

export function noFindings(): Findings {
  return {
    session: null,
    turn: 'none',
    usage: null,
    failure: null,
    retrying: null,
    lastText: '',
    sandboxFault: null,
  };
}
