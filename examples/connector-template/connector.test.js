import { describe, it } from 'node:test';
import { describeConformance } from '@signalbox/connectors/conformance';
import subjects from './conformance.js';
import connector from './index.js';

describeConformance({ connector, ...subjects.example }, { describe, it, skip: it.skip });
