import { probe } from './probe.js';
import { run } from './run.js';

/**
 * Drives an agent that speaks lines of JSON. It reads `{ prompt }`, and `{ allow, message }` after each question; it prints
 * `{ type: 'hello', session }`, then `say` and `ask` as it likes, and at last `done` or `failed`, each with a `text`.
 *
 * @type {import('@signalbox/connectors').Connector}
 */
const connector = {
  apiVersion: 1,
  id: 'example',
  kind: 'cli',
  summary: 'An agent that speaks lines of JSON',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      program: {
        description: 'Absolute path, or a name to be found in PATH.',
        type: 'string',
        pattern: '^(/.+|[^/]+)$',
      },
      model: { type: 'string', minLength: 1 },
    },
  },
  capabilities: { approvals: true, resume: false, usage: true, prompts: true },
  environmentNames: ['EXAMPLE_API_KEY'],
  probe: (context) => probe(context, connector.capabilities),
  run,
};

export default connector;
