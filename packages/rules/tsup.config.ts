import { defineConfig } from 'tsup';
import { lib } from '../../tsup.preset';

export default defineConfig(lib({ entry: ['src/index.ts', 'src/glob/index.ts', 'src/analysis/index.ts'] }));
