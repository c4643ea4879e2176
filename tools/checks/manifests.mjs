import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { listPackages, listPublished, readJson } from './workspace.mjs';

const REQUIRED = ['version', 'description', 'files', 'engines'];
const DEPENDENCIES = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** What a published package must say about itself. One sentence for each problem. */
export function checkPublished(root) {
  return listPublished(root).flatMap(({ folder, manifest }) => {
    const problems = REQUIRED.filter((field) => !manifest[field]).map((field) => `has no ${field}`);
    if (manifest.license !== 'MIT') problems.push(`has the license ${manifest.license}, not MIT`);
    if (!manifest.engines?.node) problems.push('does not say which Node it needs');
    if (!manifest.repository?.url) problems.push('does not name its repository');
    if (manifest.repository?.directory !== folder) problems.push('does not name its directory in the repository');
    if (manifest.publishConfig?.access !== 'public') problems.push('is not published with public access');
    return [...problems, ...exportProblems(manifest)].map((problem) => `${folder}/package.json ${problem}`);
  });
}

/** Every entry has types and a default, types first of the two: the first condition that fits is taken. */
function exportProblems({ exports }) {
  if (!exports) return ['has no exports'];
  return Object.entries(exports).flatMap(([entry, target]) => {
    if (entry === './package.json') return [];
    const conditions = Object.keys(target);
    if (!conditions.includes('types')) return [`has no types for ${entry}`];
    return conditions.indexOf('default') > conditions.indexOf('types')
      ? []
      : [`has no default after types in ${entry}`];
  });
}

/** Ranges of packages of this repository that the version here does not fit. */
export function checkInternalRanges(root) {
  const packages = listPackages(root);
  if (existsSync(join(root, 'tools/package.json'))) {
    packages.push({ folder: 'tools', manifest: readJson(join(root, 'tools/package.json')) });
  }
  const versions = new Map(packages.map(({ manifest }) => [manifest.name, manifest.version]));
  return packages.flatMap(({ folder, manifest }) =>
    DEPENDENCIES.flatMap((field) => Object.entries(manifest[field] ?? {}))
      .filter(([name, range]) => versions.has(name) && !fitsCaret(versions.get(name), range))
      .map(([name, range]) => `${folder} wants ${name} ${range}, which is at ${versions.get(name)}`),
  );
}

/** Whether a release `x.y.z` is in `^x.y.z`. Any other range is refused: dependents could not be bumped by it. */
export function fitsCaret(version, range) {
  const wanted = /^\^(\d+)\.(\d+)\.(\d+)$/.exec(range)?.slice(1).map(Number);
  const found = /^(\d+)\.(\d+)\.(\d+)$/.exec(version)?.slice(1).map(Number);
  if (!wanted || !found) return false;
  const leading = wanted.findIndex((part) => part > 0);
  const fixed = leading === -1 ? 2 : leading;
  for (let place = 0; place <= fixed; place++) if (found[place] !== wanted[place]) return false;
  const rest = [0, 1, 2].filter((place) => place > fixed);
  const differing = rest.find((place) => found[place] !== wanted[place]);
  return differing === undefined || found[differing] > wanted[differing];
}
