import { configuredFolders, ENV_SCHEMA } from '../config-schema.js';
import type { Connector, ConnectorCapabilities } from '../contract.js';
import { probeClaude } from './probe.js';
import { runClaude } from './run.js';

const capabilities: ConnectorCapabilities = { approvals: true, resume: true, usage: true, prompts: true };

/**
 * Claude Code, driven over its stream-json control protocol (tested with 2.1.197). Every tool call is asked about before it
 * happens. It has a configuration folder of its own, the folder of the session unless `configDir` says otherwise, so
 * the log-in of a person's own claude is not used: see `LOGIN_VARIABLES`.
 */
export const claudeCodeConnector: Connector = {
  apiVersion: 1,
  id: 'claude-code',
  kind: 'cli',
  summary: 'Claude Code: asks before each tool call',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      program: {
        description: 'The claude program: a name to be found in PATH, or an absolute path.',
        type: 'string',
        pattern: '^(/.+|[^/]+)$',
      },
      model: { type: 'string', minLength: 1 },
      maxTurns: { type: 'integer', minimum: 1 },
      maxBudgetUsd: { type: 'number', exclusiveMinimum: 0 },
      configDir: {
        description:
          'Absolute. A folder that claude keeps its sessions in and reads its settings from; by default each task has its own.',
        type: 'string',
        pattern: '^/',
      },
      home: {
        description:
          'Whose home folder the agent and its commands see: `user`, the default, or `own`, a private one that lasts as long as its session.',
        enum: ['user', 'own'],
        default: 'user',
      },
      env: ENV_SCHEMA,
    },
  },
  capabilities,
  // Dollars come with the result alone; claude stops by itself at the limit that it is given.
  tells: { usd: 'end', tokens: 'live', turns: 'live' },
  environmentNames: ['ANTHROPIC_*', 'CLAUDE_CODE_OAUTH_TOKEN'],
  folders: configuredFolders,
  probe: (context) => probeClaude(context, capabilities),
  run: runClaude,
};
