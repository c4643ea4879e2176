import { describe, it } from '@jest/globals';
import { describeConformance, scenariosOf } from '../../src/conformance/index.js';
import { commandConnector } from '../../src/index.js';
import { standIn } from './agents.js';

const scenarios = scenariosOf({
  agent: standIn('plain'),
  config: (program) => ({ argv: [program, '--as-told'] }),
  except: { 'says-nothing': 'Exit 0 is the only sign of success that any program gives.' },
});

const subject = { connector: commandConnector, config: { argv: ['true'] }, scenarios };

describeConformance(subject, { describe, it });
