import { defineConfig } from 'tsup';
import { lib } from '../../tsup.preset';

// The supervisor is a program of its own: it is started by path, see src/supervisor-path.ts.
export default defineConfig(lib({ entry: ['src/index.ts', 'src/supervisor.ts', 'src/conformance/index.ts'] }));
