import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { conformanceCases, describeConformance, scenariosOf } from '../../src/conformance/index.js';
import { checkConnectorShape } from '../../src/connector-shape.js';
import type { Connector } from '../../src/contract.js';

const template = new URL('../../../../examples/connector-template/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('package.json', template), 'utf8'));
const [module] = manifest.signalbox.connectors;
const { default: connector }: { default: Connector } = await import(fileURLToPath(new URL(module, template)));
const agent = fileURLToPath(new URL('stand-in.js', template));
const subject = { connector, scenarios: scenariosOf({ agent, config: (program) => ({ program }) }) };

describeConformance(subject, { describe, it }, { floodBytes: 70 * 1024 * 1024 });

describe('the template package', () => {
  it('names a module whose default export is a connector, and nothing of it is left untested', () => {
    expect(manifest.signalbox.apiVersion).toBe(1);
    expect(checkConnectorShape(connector)).toEqual([]);
    expect(conformanceCases(subject).filter(({ skip }) => skip !== null)).toEqual([]);
  });
});
