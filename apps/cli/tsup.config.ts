import { defineConfig } from 'tsup';
import { lib } from '../../tsup.preset';

// One self-contained bundle, split so that a command loads only what it uses; only the native SQLite add-on stays outside.
export default defineConfig(
  lib({
    entry: { main: 'src/main.ts', supervisor: '../../packages/connectors/src/supervisor.ts' },
    skipNodeModulesBundle: false,
    noExternal: [/.*/],
    external: ['better-sqlite3'],
    sourcemap: false,
    // From the libraries' sources: file by file, a command that only looks leaves out what it does not use (schemas, YAML).
    esbuildOptions: (options) => {
      options.conditions = ['@signalbox/source'];
    },
    minifyWhitespace: true,
    // commander, execa and yaml have parts in CommonJS that call require.
    banner: {
      js: "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);",
    },
  }),
);
