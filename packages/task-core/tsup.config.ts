import { defineConfig } from 'tsup';
import { lib } from '../../tsup.preset';

export default defineConfig(
  lib({
    entry: [
      'src/index.ts',
      'src/task-spec.ts',
      'src/graph/index.ts',
      'src/exchange/index.ts',
      'src/conformance/index.ts',
    ],
  }),
);
