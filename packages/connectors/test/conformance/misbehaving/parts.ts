import type { AgentEvent, Connector } from '../../../src/contract.js';
import { createReference } from './reference.js';

/** The name of a fixture says what it does wrong; `caught` are the names of the cases that must notice. */
export type Fixtures = Readonly<Record<string, { connector: Connector; caught: readonly string[] }>>;

type Step = (event: AgentEvent) => Iterable<AgentEvent>;

/** The connector that errs in nothing. */
export const well = createReference();

/** The reference with its events changed on their way. */
export function telling(step: Step): Connector {
  const run: Connector['run'] = async function* (request, io) {
    for await (const event of well.run(request, io)) yield* step(event);
  };
  return createReference({}, { run });
}

/** The reference with its results changed. */
export const onResult = (change: (event: AgentEvent & { type: 'result' }) => AgentEvent[]): Connector =>
  telling((event) => (event.type === 'result' ? change(event) : [event]));

/** Fails as code does that catches nothing. */
export async function throwing(message: string): Promise<never> {
  throw new Error(message);
}
