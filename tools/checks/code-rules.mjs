import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { parseFile, placeOf, visitAll } from './syntax.mjs';
import { listFiles, SCRIPTS } from './workspace.mjs';

// The one place where the machine's clock is read.
const CLOCK = 'packages/kernel/src/clock.ts';
const MODULE_MOCK = /^jest\.(mock|doMock|setMock|unstable_mockModule)$/;
const SELECTION = /^(?:(?:describe|it|test)(?:\.\w+)*\.(?:only|skip)|[fx](?:describe|it|test))\b/;

/** What library code must not do: read the clock, roll dice, print. One sentence for each place. */
export function checkLibraryCode(root) {
  return listFiles(root, 'packages')
    .filter((file) => /^packages\/[^/]+\/src\//.test(file))
    .flatMap((file) =>
      problemsIn(root, file, (node) => {
        if (readsClockOrChance(node)) return file === CLOCK ? null : 'takes time or chance from the machine';
        return isMember(node, 'console', 'log') ? 'prints with console.log' : null;
      }),
    );
}

/** What tests must not do: replace modules, or leave tests out. */
export function checkTestCode(root) {
  return ['packages', 'apps', 'tools']
    .flatMap((folder) => listFiles(root, folder))
    .filter((file) => file.includes('/test/'))
    .flatMap((file) =>
      problemsIn(root, file, (node) => {
        if (!ts.isPropertyAccessExpression(node) && !ts.isIdentifier(node)) return null;
        const text = node.getText();
        if (MODULE_MOCK.test(text)) return `replaces a module with ${text}`;
        // Only calls: `hasAgent ? it : it.skip` says on which machines a test can run, and CI is one of them.
        const selection = ts.isCallExpression(node.parent) ? SELECTION.exec(text)?.[0] : undefined;
        return selection ? `leaves tests out with ${selection}` : null;
      }),
    );
}

/** Files with more lines than `limit`, and marks of unfinished work. */
export function checkFiles(root, limit) {
  const files = ['packages', 'apps'].flatMap((folder) =>
    listFiles(root, folder, [...SCRIPTS, '.json', '.yaml', '.yml', '.md', '.sql']),
  );
  return files.flatMap((file) => {
    const lines = readFileSync(join(root, file), 'utf8').replace(/\n$/, '').split('\n');
    const long = lines.length > limit && !file.endsWith('CHANGELOG.md') ? [`${file} has ${lines.length} lines`] : [];
    const marks = lines.flatMap((line, index) => {
      const mark = /\b(TODO|FIXME)\b/.exec(line)?.[0];
      return mark ? [`${file}:${index + 1} says ${mark}`] : [];
    });
    return [...long, ...marks];
  });
}

/** `judge` returns what is wrong with a node, or null. */
function problemsIn(root, file, judge) {
  const source = parseFile(root, file);
  const problems = [];
  visitAll(source, (node) => {
    const problem = judge(node);
    if (problem) problems.push(`${placeOf(source, node)} ${problem}`);
  });
  return problems;
}

function readsClockOrChance(node) {
  if (isMember(node, 'Date', 'now') || isMember(node, 'Math', 'random')) return true;
  const isDate = (expression) => ts.isIdentifier(expression) && expression.text === 'Date';
  if (ts.isNewExpression(node)) return isDate(node.expression) && (node.arguments?.length ?? 0) === 0;
  return ts.isCallExpression(node) && isDate(node.expression);
}

function isMember(node, object, property) {
  return ts.isPropertyAccessExpression(node) && node.getText() === `${object}.${property}`;
}
