import type { Options } from 'tsup';

/** JavaScript only: declarations come from `tsc --build`, which runs first as the `typecheck` target. */
export const lib = (options: Options = {}): Options => ({
  entry: ['src/index.ts'],
  format: ['esm'],
  target: 'node20',
  platform: 'node',
  sourcemap: true,
  clean: ['!**/*.d.ts', '!**/*.d.ts.map', '!**/*.tsbuildinfo'],
  dts: false,
  splitting: true,
  skipNodeModulesBundle: true,
  ...options,
});
