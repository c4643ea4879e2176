import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join, relative } from 'node:path';

/**
 * A workspace of the repository, the tools excepted.
 *
 * @typedef {object} Package
 * @property {string} name
 * @property {string} folder Relative to the root: `packages/kernel`.
 * @property {boolean} isApp
 * @property {Record<string, any>} manifest
 */

/** @returns {Package[]} */
export function listPackages(root) {
  return ['packages', 'apps']
    .filter((parent) => existsSync(join(root, parent)))
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => `${parent}/${name}`))
    .filter((folder) => existsSync(join(root, folder, 'package.json')))
    .map((folder) => {
      const manifest = readJson(join(root, folder, 'package.json'));
      return { name: manifest.name, folder, isApp: folder.startsWith('apps/'), manifest };
    });
}

/** The packages that go to the registry. */
export function listPublished(root) {
  return listPackages(root).filter(({ manifest }) => manifest.private !== true);
}

export function readJson(file) {
  return JSON.parse(readFileSync(file, 'utf8'));
}

const GENERATED = new Set(['node_modules', 'dist', 'coverage', 'out-tsc']);
export const SCRIPTS = ['.ts', '.mts', '.cts', '.tsx', '.js', '.mjs', '.cjs'];

/** Every written file below `folder`, relative to the root and sorted; what was generated or is hidden is left out. */
export function listFiles(root, folder, extensions = SCRIPTS) {
  const top = join(root, folder);
  if (!existsSync(top)) return [];
  const found = [];
  const walk = (at) => {
    for (const entry of readdirSync(at, { withFileTypes: true })) {
      const path = join(at, entry.name);
      if (entry.isDirectory()) {
        if (!GENERATED.has(entry.name) && !entry.name.startsWith('.')) walk(path);
      } else if (extensions.includes(extname(entry.name))) found.push(relative(root, path));
    }
  };
  walk(top);
  return found.sort();
}
