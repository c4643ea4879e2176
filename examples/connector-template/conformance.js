// What `signalbox connector test` and our own test play the agent with.
import { fileURLToPath } from 'node:url';
import { scenariosOf } from '@signalbox/connectors/conformance';

const agent = fileURLToPath(new URL('stand-in.js', import.meta.url));

/** By the id of the connector. */
export default {
  example: { config: { model: 'm-1' }, scenarios: scenariosOf({ agent, config: (program) => ({ program }) }) },
};
