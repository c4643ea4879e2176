import { describe, it } from '@jest/globals';
import { describeTaskStore } from '../src/conformance/index.js';
import { openFileStore } from './support/open-file-store.js';

describeTaskStore('the file task store', openFileStore, { describe, it });
