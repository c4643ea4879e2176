import { bench } from './bench/bench.mjs';
import { ensureBuilt, ensureInstalled } from './lib/setup.mjs';

process.exitCode = await bench(process.argv.slice(2), async () => {
  await ensureInstalled();
  await ensureBuilt();
});
