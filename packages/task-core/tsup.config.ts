import { defineConfig } from 'tsup';
import { lib } from '../../tsup.preset';

export default defineConfig(lib({ entry: ['src/index.ts', 'src/task-spec.ts', 'src/conformance/index.ts'] }));
