import { describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { describeConformance, scenariosOf } from '@signalbox/connectors/conformance';
import connector from './index.js';

const agent = fileURLToPath(new URL('stand-in.js', import.meta.url));
const scenarios = scenariosOf({ agent, config: (program) => ({ program }) });

describeConformance({ connector, config: { model: 'm-1' }, scenarios }, { describe, it, skip: it.skip });
