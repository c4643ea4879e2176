import { ENV_SCHEMA } from '../config-schema.js';
import type { Connector, ConnectorCapabilities, ProbeContext, ProbeReport } from '../contract.js';
import { findProgram } from '../find-program.js';
import { configuredArgv } from './choose-command.js';
import { runCommand } from './run.js';

const capabilities: ConnectorCapabilities = { approvals: false, resume: false, usage: false, prompts: true };

/**
 * Any program. A task with a run line has that line run, without the prompt; any other task has the configured program run,
 * with the prompt on standard input and in the file that `SIGNALBOX_PROMPT_FILE` names. Exit 0 is success.
 */
export const commandConnector: Connector = {
  apiVersion: 1,
  id: 'command',
  kind: 'cli',
  summary: 'Any program: exit 0 is success',
  configSchema: {
    type: 'object',
    additionalProperties: false,
    properties: {
      argv: {
        description: 'Program and arguments for tasks without a run line.',
        type: 'array',
        items: { type: 'string' },
        minItems: 1,
      },
      shell: { description: 'The same as one line for sh.', type: 'string', minLength: 1 },
      env: ENV_SCHEMA,
    },
    not: { required: ['argv', 'shell'] },
  },
  capabilities,
  environmentNames: [],
  async probe(context) {
    return probeCommand(context);
  },
  run: runCommand,
};

function probeCommand({ config, environment }: ProbeContext): ProbeReport {
  const argv = configuredArgv(config);
  const report = {
    login: 'not-needed',
    capabilities: { ...capabilities, prompts: argv !== null },
    problems: [],
  } as const;
  const name = argv?.[0];
  if (name === undefined) return { ...report, installed: true, problems: [] };
  const program = findProgram(name, environment);
  if (program) return { ...report, installed: true, program, problems: [] };
  const message = `The program ${name} was not found.`;
  const hint = 'Install it, or give its absolute path in argv.';
  return { ...report, installed: false, problems: [{ message, hint }] };
}
