import { nx, run, say } from './lib/run.mjs';
import { ensureInstalled } from './lib/setup.mjs';

await ensureInstalled();

const totals = { passed: 0, failed: 0 };
// Jest's own summary of each package, also when Nx replays it from its cache. Colours are cut out first.
const countTests = (text) => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour code begins with
  for (const line of text.replace(/\x1b\[[0-9;]*m/g, '').split('\n')) {
    if (!/^\s*Tests:/.test(line)) continue;
    totals.passed += Number(/(\d+) passed/.exec(line)?.[1] ?? 0);
    totals.failed += Number(/(\d+) failed/.exec(line)?.[1] ?? 0);
  }
};

say('Checking format and rules …');
const lint = await run('node_modules/.bin/biome', ['check', '--error-on-warnings', '.']);
say('Building, type-checking and testing every package; what has not changed comes from the cache …');
const tests = await run(
  nx,
  ['run-many', '-t', 'build', 'typecheck', 'test', '--outputStyle=static', '--nxBail=false'],
  {
    onOutput: countTests,
  },
);
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
process.exitCode = lint || tests;
