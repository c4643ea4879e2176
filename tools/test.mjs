import { nx, run, say } from './lib/run.mjs';
import { ensureInstalled } from './lib/setup.mjs';

await ensureInstalled();

const totals = { passed: 0, failed: 0 };
// What made a package fail stands far above the end of a long output, where nobody looks for it: said again there.
const faults = new Set();
const FAULT = /^\s*(● .* › |FAIL |Jest: |Test suite failed to run|NX {3}(?!Success|Running))|error TS\d+/;
// Jest's own summary of each package, also when Nx replays it from its cache. Colours are cut out first.
const readOutput = (text) => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what a colour code begins with
  for (const line of text.replace(/\x1b\[[0-9;]*m/g, '').split('\n')) {
    if (FAULT.test(line)) faults.add(line.trim());
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
    onOutput: readOutput,
  },
);
if (lint) faults.add('the check of format and rules, at the very top');
for (const fault of faults) process.stdout.write(`failed: ${fault}\n`);
process.stdout.write(`${totals.passed} passed, ${totals.failed} failed\n`);
process.exitCode = lint || tests;
