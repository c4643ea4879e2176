import { describe, it } from '@jest/globals';
import { describeTaskStore } from '../src/conformance/index.js';
import { openMemoryStore } from './support/open-memory-store.js';

describeTaskStore('the memory task store', openMemoryStore, { describe, it });
