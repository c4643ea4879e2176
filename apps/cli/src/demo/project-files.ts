/** The repository of the demo: a small program with a wrong function, and tests that say so. */
export const PROJECT_FILES: Readonly<Record<string, string>> = {
  'package.json': `${JSON.stringify({ name: 'till', version: '1.0.0', type: 'module', scripts: { test: 'node --test test' } }, null, 2)}\n`,
  'AGENTS.md': 'Keep functions pure. Prices are in cents.\n',
  'src/total.js': `/** The sum of the prices. */
export function total(prices) {
  return prices.reduce((sum, price) => sum - price, 0);
}
`,
  'src/format.js': `/** A price in cents as text: 1250 is "12.50". */
export function format(cents) {
  return String(cents / 100);
}
`,
  'scripts/check-docs.js': `import { existsSync, readFileSync } from 'node:fs';
const missing = process.argv.slice(2).filter((name) => {
  const file = 'docs/' + name + '.md';
  return !existsSync(file) || !readFileSync(file, 'utf8').includes('total');
});
if (missing.length > 0) {
  console.error('missing, or silent about total: ' + missing.join(', '));
  process.exitCode = 1;
}
`,
  'test/total.test.js': `import assert from 'node:assert/strict';
import test from 'node:test';
import { total } from '../src/total.js';

test('adds the prices', () => assert.equal(total([100, 250]), 350));
test('is 0 for an empty basket', () => assert.equal(total([]), 0));
test('ignores what is no price', () => assert.equal(total([100, Number.NaN]), 100));
`,
  'test/format.test.js': `import assert from 'node:assert/strict';
import test from 'node:test';
import { format } from '../src/format.js';

test('writes two decimals', () => assert.equal(format(1250), '12.50'));
`,
};

/**
 * An agent: a real program that reads the prompt and edits files. It is careless the first time, as agents are, and mends its
 * work when the prompt tells it what failed.
 */
export const FIXER = `import { readFileSync, writeFileSync } from 'node:fs';
const prompt = readFileSync(process.env.SIGNALBOX_PROMPT_FILE, 'utf8');
const edit = (file, from, to) => writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));

if (prompt.includes('# Correct total')) {
  edit('src/total.js', 'sum - price', 'sum + price');
  if (prompt.includes('attempt before this one failed')) {
    console.log('The check failed on NaN; leaving out what is no price.');
    edit('src/total.js', 'prices.reduce', 'prices.filter(Number.isFinite).reduce');
  }
} else {
  edit('src/format.js', 'String(cents / 100)', '(cents / 100).toFixed(2)');
}
`;

/** Another one, which writes documents. */
export const WRITER = `import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const prompt = readFileSync(process.env.SIGNALBOX_PROMPT_FILE, 'utf8');
mkdirSync('docs', { recursive: true });
if (prompt.includes('# Write the change log')) {
  writeFileSync('docs/changes.md', '# Changes\\n\\n- total adds\\n- format writes two decimals\\n');
} else {
  writeFileSync('docs/usage.md', '# Usage\\n\\n\`total(prices)\` and \`format(cents)\`.\\n');
}
console.log(existsSync('docs/usage.md') ? 'docs are there' : 'only the change log');
`;
