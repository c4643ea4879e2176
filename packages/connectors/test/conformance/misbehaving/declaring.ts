import { accessSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Connector } from '../../../src/contract.js';
import { type Fixtures, throwing, well } from './parts.js';
import { createReference } from './reference.js';

export const DECLARING: Fixtures = {
  'speaks another version': {
    connector: createReference({}, { apiVersion: 2 as 1 }),
    caught: ['has the shape of a connector of version 1'],
  },
  'has a name of a variable that is none': {
    connector: createReference({}, { environmentNames: ['*'] }),
    caught: ['has the shape of a connector of version 1'],
  },
  'has a schema that is none': {
    connector: createReference({}, { configSchema: { type: 'object', additionalProperties: false, required: 'a' } }),
    caught: [
      'has a valid schema that accepts its own example configuration',
      'refuses a configuration with unknown members',
    ],
  },
  'accepts unknown members': {
    connector: createReference({}, { configSchema: { type: 'object', properties: { program: { type: 'string' } } } }),
    caught: ['refuses a configuration with unknown members'],
  },
  'rejects in its probe': {
    connector: createReference({}, { probe: () => throwing('spawn ENOENT') }),
    caught: ['probes with an empty environment', 'probes where its program is missing'],
  },
  'relies on its environment': {
    connector: createReference(
      {},
      {
        async probe(context) {
          if (context.environment['TMPDIR']) accessSync(context.environment['TMPDIR']);
          return well.probe(context);
        },
      },
    ),
    caught: ['probes in a hostile environment'],
  },
  'hangs in its probe': {
    connector: createReference({}, { probe: () => new Promise(() => {}) }),
    caught: ['ends its probe although its program hangs'],
  },
  'says that all is installed': {
    connector: createReference(
      {},
      { probe: async () => ({ ...(await well.probe(probeContext('/bin/sh'))), installed: true }) },
    ),
    caught: ['probes where its program is missing'],
  },
  'writes when it probes': {
    connector: createReference(
      {},
      {
        probe(context) {
          const home = context.environment['HOME'];
          if (home) mkdirSync(join(home, '.cache'), { recursive: true });
          return well.probe(context);
        },
      },
    ),
    caught: ['changes nothing when it probes'],
  },
  'claims what it does not declare': {
    connector: createReference(
      {},
      {
        probe: async (context) => ({
          ...(await well.probe(context)),
          capabilities: { ...well.capabilities, resume: true },
        }),
      },
    ),
    caught: ['claims in its probe no more than it declares'],
  },
  'probes its own environment': {
    connector: createReference(
      {},
      { probe: (context) => well.probe({ ...context, environment: process.env as Record<string, string> }) },
    ),
    caught: ['probes only the environment that it is given'],
  },
};

function probeContext(program: string): Parameters<Connector['probe']>[0] {
  return { config: { program }, environment: {}, clock: { now: () => 0, monotonic: () => 0, after: () => () => {} } };
}
