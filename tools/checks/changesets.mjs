import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { listPackages, readJson } from './workspace.mjs';

const APP = 'signalbox';
const BUMPS = ['patch', 'minor', 'major', 'none'];

/**
 * Problems of the pending changesets. The app bundles the libraries and so lists them as devDependencies only; changesets
 * does not bump a package for those, and the app would go on shipping the old code unless a changeset names it too.
 */
export function checkChangesets(root) {
  const folder = join(root, '.changeset');
  if (!existsSync(folder)) return [];
  const packages = listPackages(root);
  const isPrivate = new Map(packages.map(({ name, manifest }) => [name, manifest.private === true]));
  const toolsFile = join(root, 'tools/package.json');
  if (existsSync(toolsFile)) isPrivate.set(readJson(toolsFile).name, true);
  const bundled = bundledBy(packages, APP);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .flatMap((name) => {
      const bumps = readBumps(readFileSync(join(folder, name), 'utf8'));
      if (!bumps) return [`.changeset/${name} does not begin with a list of packages`];
      const problems = Object.entries(bumps).flatMap(([each, bump]) => [
        ...(isPrivate.has(each) ? [] : [`names ${each}, which does not exist`]),
        ...(BUMPS.includes(bump) ? [] : [`bumps ${each} by "${bump}"`]),
      ]);
      const missed = Object.keys(bumps).find((each) => bundled.has(each) && bumps[each] !== 'none');
      if (missed && (bumps[APP] ?? 'none') === 'none')
        problems.push(`names ${missed}, and not ${APP}, which bundles it`);
      return problems.map((problem) => `.changeset/${name} ${problem}`);
    });
}

/** Everything of ours that ends up in the bundle of an app: what it lists for development, and what that depends on. */
function bundledBy(packages, app) {
  const byName = new Map(packages.map((each) => [each.name, each]));
  const found = new Set();
  const add = (names) => {
    for (const name of names) {
      const each = byName.get(name);
      if (!each || each.manifest.private || found.has(name)) continue;
      found.add(name);
      add(Object.keys(each.manifest.dependencies ?? {}));
    }
  };
  add(Object.keys(byName.get(app)?.manifest.devDependencies ?? {}));
  return found;
}

function readBumps(text) {
  const head = /^---\r?\n([\s\S]*?)^---\s*$/m.exec(text)?.[1];
  if (head === undefined || !text.startsWith('---')) return null;
  const bumps = parse(head) ?? {};
  return typeof bumps === 'object' && !Array.isArray(bumps) ? bumps : null;
}
