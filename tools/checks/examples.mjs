import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { capture } from '../lib/capture.mjs';
import { listDocuments } from './documents.mjs';

/**
 * An example that claims to run: a fenced block marked `js` or `ts` that begins with an import. `no-run` after the mark
 * takes it out.
 *
 * @typedef {object} Example
 * @property {string} at `file:line` of the fence.
 * @property {'js' | 'ts'} language
 * @property {string} code
 */

/** @returns {Example[]} */
export function examplesIn(file, text) {
  return [...text.matchAll(/^```(js|ts)\b([^\n]*)\n([\s\S]*?)^```$/gm)]
    .filter(([, , options, code]) => !/\bno-run\b/.test(options) && /^import\b/.test(code))
    .map(({ 1: language, 3: code, index }) => ({
      at: `${file}:${text.slice(0, index).split('\n').length}`,
      language,
      code,
    }));
}

/** The examples of the packages' READMEs and of the pages in docs/. @returns {Example[]} */
export function listExamples(root) {
  return listDocuments(root)
    .filter((file) => /^(?:docs\/[^/]+|(?:packages|apps)\/[^/]+\/README)\.md$/.test(file))
    .flatMap((file) => examplesIn(file, readFileSync(join(root, file), 'utf8')));
}

/**
 * Runs an example with the built packages, as a user of them would, in an empty folder that is removed afterwards. Returns
 * what went wrong, or null.
 */
export async function runExample(root, { language, code }, timeoutMs = 30_000) {
  // Below the repository's node_modules its packages resolve, and neither git nor a linter looks there.
  const cache = join(root, 'node_modules', '.cache');
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(join(cache, 'example-'));
  try {
    writeFileSync(join(folder, 'example.mjs'), language === 'ts' ? withoutTypes(code) : code);
    const env = { TMPDIR: folder };
    const ran = await capture(process.execPath, ['example.mjs'], { cwd: folder, env, timeoutMs });
    return ran.code === 0 ? null : `It ended with ${ran.code}.\n${ran.stderr}${ran.stdout}`.slice(0, 2_000);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function withoutTypes(code) {
  const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(code, { compilerOptions }).outputText;
}
