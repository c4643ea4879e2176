import type { FakeFault, FaultRule, Scenario } from '../fake-anthropic/scenario.js';

/** What goes wrong: the faults of the fake Messages API, and those that only a Responses API has. */
export type OpenAIFault =
  | FakeFault
  /** An error status with this body instead of the usual one, such as `{ error: { type: 'usage_limit_reached' } }`. */
  | { kind: 'body'; status: number; body: unknown; headers?: Record<string, string> }
  /** Status 200 and an event stream whose data is no JSON. */
  | { kind: 'invalid_json' }
  /** The stream says `response.failed` with this error, as it does for a rate limit met on the way. */
  | { kind: 'failed'; code: string; message: string }
  /** The stream says `response.incomplete`, as after the limit of output tokens. */
  | { kind: 'incomplete'; reason: string };

export interface OpenAIFaultRule extends Omit<FaultRule, 'fault'> {
  fault: OpenAIFault;
}

/**
 * What the fake model does: the scripts and turns of {@link Scenario}. The input of a tool is given as the arguments of a
 * function call; one of the form `{ freeform: text }` makes a custom tool call with that text.
 */
export interface OpenAIScenario extends Omit<Scenario, 'faults'> {
  faults?: OpenAIFaultRule[];
}
