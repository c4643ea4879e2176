import { fileURLToPath } from 'node:url';
import { describe, it } from '@jest/globals';
import { describeConformance, scenariosOf } from '../src/conformance/index.js';
import { acpConnector } from '../src/index.js';

const agent = fileURLToPath(new URL('fixtures/scripted-acp-stage.mjs', import.meta.url));
// Of an agent that is vouched for, so that its questions are tested too.
const capabilities = { ...acpConnector.capabilities, approvals: true };

describeConformance(
  {
    connector: { ...acpConnector, capabilities },
    config: { argv: [process.execPath, '--version'] },
    scenarios: scenariosOf({ agent, config: (program) => ({ argv: [program], asks: true }) }),
  },
  { describe, it },
);
