import { configuredFolders, ENV_SCHEMA } from '../config-schema.js';
import type { Connector, ConnectorCapabilities } from '../contract.js';
import { probeAcp } from './probe.js';
import { runAcp } from './run.js';

/**
 * The most that an agent of the protocol can do. It promises neither that an agent asks before it acts nor that it tells what
 * it costs: `probe` reports `approvals` only where the configuration vouches for it (`asks`), and `usage` never.
 */
const capabilities: ConnectorCapabilities = { approvals: true, resume: true, usage: false, prompts: true };

/**
 * Any agent that speaks the Agent Client Protocol, version 1, over its standard input and output (tested with
 * claude-agent-acp 0.23.1). What the agent asks about is judged, and so are the files that it reads and writes through us. It
 * has a home folder of its own, the folder of the session unless `configDir` says otherwise.
 */
export const acpConnector: Connector = {
  apiVersion: 1,
  id: 'acp',
  kind: 'protocol',
  summary: 'Any agent that speaks the Agent Client Protocol',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    required: ['argv'],
    properties: {
      argv: {
        description: 'The program, as a name to be found in PATH or an absolute path, and its arguments.',
        type: 'array',
        items: { type: 'string' },
        minItems: 1,
      },
      mode: { description: "Id of the agent's mode to work in.", type: 'string', minLength: 1 },
      model: { description: 'Which model, where the agent lets one choose.', type: 'string', minLength: 1 },
      auth: { description: "Id of the agent's log-in method to use.", type: 'string', minLength: 1 },
      asks: {
        description:
          'You vouch that in this mode the agent asks before each tool call. One seen to be done unasked ends the attempt.',
        type: 'boolean',
        default: false,
      },
      configDir: {
        description:
          'Absolute. The home folder of the agent, with its settings, log-in and sessions; by default each task has its own.',
        type: 'string',
        pattern: '^/',
      },
      env: ENV_SCHEMA,
    },
  },
  capabilities,
  environmentNames: [
    ...['ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', 'OPENAI_API_KEY', 'OPENAI_BASE_URL', 'GEMINI_API_KEY'],
  ],
  folders: configuredFolders,
  probe: (context) => probeAcp(context, capabilities),
  run: runAcp,
};
