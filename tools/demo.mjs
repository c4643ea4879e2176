import { run } from './lib/run.mjs';
import { ensureBuilt, ensureInstalled } from './lib/setup.mjs';

await ensureInstalled();
await ensureBuilt('signalbox');
process.exitCode = await run(process.execPath, ['apps/cli/bin/signalbox.js', 'demo', ...process.argv.slice(2)]);
