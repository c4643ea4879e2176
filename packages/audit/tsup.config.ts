import { defineConfig } from 'tsup';
import { lib } from '../../tsup.preset';

export default defineConfig(
  lib({ entry: ['src/index.ts', 'src/kinds/index.ts', 'src/attest/index.ts', 'src/evidence/collectors/index.ts'] }),
);
