import { defineConfig } from 'tsup';
import { lib } from '../../tsup.preset';

export default defineConfig(
  lib({
    entry: [
      'src/index.ts',
      'src/agents/index.ts',
      'src/findings/index.ts',
      'src/json-schema/index.ts',
      'src/records/index.ts',
      'src/replay/index.ts',
      'src/show/index.ts',
      'src/suggest/index.ts',
    ],
  }),
);
