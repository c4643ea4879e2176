import { configuredFolders, ENV_SCHEMA } from '../config-schema.js';
import type { Connector, ConnectorCapabilities } from '../contract.js';
import { probeCodex } from './probe.js';
import { runCodex } from './run.js';

const capabilities: ConnectorCapabilities = { approvals: false, resume: true, usage: true, prompts: true };

/**
 * Codex, driven by `codex exec --json` (tested with 0.169.0). It has no way to ask about a tool call: its own sandbox holds
 * it, which lets commands write to the workspace and to the attempt's temporary folder, and reach no network unless told.
 * It has a folder of its own, the folder of the session unless `configDir` says otherwise, so the log-in, settings,
 * skills and MCP servers of a person's own codex are not used.
 */
export const codexConnector: Connector = {
  apiVersion: 1,
  id: 'codex',
  kind: 'cli',
  summary: 'Codex: works in its own sandbox, asks nobody',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      program: {
        description: 'The codex program: a name to be found in PATH, or an absolute path.',
        type: 'string',
        pattern: '^(/.+|[^/]+)$',
      },
      model: { type: 'string', minLength: 1, pattern: '^[^-]' },
      reasoningEffort: {
        description: 'How long the model thinks, if it can be told.',
        enum: ['none', 'minimal', 'low', 'medium', 'high', 'xhigh'],
      },
      sandbox: {
        description: 'What its commands and edits may write to.',
        enum: ['read-only', 'workspace-write'],
        default: 'workspace-write',
      },
      network: {
        description: 'Whether commands in a workspace-write sandbox may use the network.',
        type: 'boolean',
        default: false,
      },
      baseUrl: {
        description: 'Base URL of a provider with the Responses API, without credentials in it; else OPENAI_BASE_URL.',
        type: 'string',
        pattern: '^https?://[^/@?#]+(/[^@?#]*)?$',
      },
      keyVariable: {
        description: 'Environment variable that holds the key of the provider; name it in "env" too.',
        type: 'string',
        pattern: '^[A-Za-z_][A-Za-z0-9_]*$',
      },
      configDir: {
        description:
          'Absolute. A folder that codex keeps its log-in and its sessions in; by default each task has its own.',
        type: 'string',
        pattern: '^/',
      },
      env: ENV_SCHEMA,
    },
  },
  capabilities,
  tells: { usd: 'never', tokens: 'end', turns: 'never' },
  environmentNames: [
    ...['OPENAI_API_KEY', 'OPENAI_BASE_URL', 'CODEX_API_KEY', 'CODEX_ACCESS_TOKEN'],
    ...['CODEX_CA_CERTIFICATE', 'SSL_CERT_FILE'],
  ],
  folders: configuredFolders,
  probe: (context) => probeCodex(context, capabilities),
  run: runCodex,
};
