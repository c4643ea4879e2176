import type { Json } from '@signalbox/kernel';
import type { AgentEvent } from './contract.js';
import { createRedactor } from './secrets.js';

/** Takes the values of secrets in `environment` out of everything that a run tells. */
export async function* redactEvents(
  events: AsyncIterable<AgentEvent>,
  environment: Readonly<Record<string, string>>,
): AsyncGenerator<AgentEvent> {
  const redact = createRedactor(environment);
  for await (const event of events) {
    // The most frequent by far.
    if (event.type === 'text') yield { type: 'text', text: redact(event.text) };
    else yield clean(event as unknown as Json, redact) as unknown as AgentEvent;
  }
}

function clean(value: Json, redact: (text: string) => string): Json {
  if (typeof value === 'string') return redact(value);
  if (Array.isArray(value)) return value.map((item) => clean(item, redact));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, clean(item as Json, redact)]));
}
