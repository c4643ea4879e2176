import { existsSync, mkdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { capture } from '../lib/capture.mjs';
import { listPublished, readJson } from './workspace.mjs';

/**
 * Packs every published package and installs the tarballs into `folder`, which must lie outside the repository: no
 * `node_modules` above it can then stand in for a dependency that a package does not declare.
 *
 * What they depend on is packed out of this repository's own `node_modules`, so that nothing is fetched; optional
 * dependencies are left out, so that nothing is compiled. Returns the folder of the installation.
 */
export async function installPacked(root, folder) {
  const published = listPublished(root);
  const packedOurs = await packAll(
    root,
    published.map((each) => join(root, each.folder)),
    folder,
  );
  const edges = findThirdParties(root, published);
  const folders = [...new Set(edges.map((edge) => edge.folder))];
  const packedTheirs = await packAll(root, folders, folder);

  const dependencies = Object.fromEntries(published.map(({ name }, index) => [name, packedOurs[index]]));
  const overrides = {};
  for (const { dependent, dependency, folder: at } of edges) {
    const tarball = packedTheirs[folders.indexOf(at)];
    dependencies[dependency] ??= tarball;
    // Two versions of one package: the first lies on top, the other below whoever needs it.
    if (dependencies[dependency] !== tarball) overrides[dependent] = { ...overrides[dependent], [dependency]: tarball };
  }
  const consumer = join(folder, 'consumer');
  mkdirSync(consumer);
  const manifest = { name: 'consumer', version: '1.0.0', private: true, type: 'module', dependencies, overrides };
  writeFileSync(join(consumer, 'package.json'), JSON.stringify(manifest, null, 2));
  await npm(['install', '--offline', '--ignore-scripts', '--omit=optional', '--no-package-lock'], consumer, folder);
  return consumer;
}

/** Packs the package in `folder` and installs its tarball beside the others: as somebody adds a package of their own. */
export async function installBeside(consumer, folder, destination) {
  const [tarball] = await packAll(consumer, [folder], destination);
  const how = ['--offline', '--ignore-scripts', '--omit=optional', '--no-package-lock'];
  await npm(['install', ...how, tarball.replace('file:', '')], consumer, destination);
}

/** Every entry of the published libraries, as an importer writes it: `@signalbox/rules/glob`. */
export function listEntries(root) {
  return listPublished(root).flatMap(({ name, manifest }) =>
    Object.keys(manifest.exports)
      .filter((entry) => entry !== './package.json')
      .map((entry) => (entry === '.' ? name : `${name}${entry.slice(1)}`)),
  );
}

/** Tarballs of package folders, as `file:` specs in the same order. */
async function packAll(root, folders, destination) {
  const out = await npm(
    ['pack', '--json', '--ignore-scripts', `--pack-destination=${destination}`, ...folders],
    root,
    destination,
  );
  return JSON.parse(out).map(({ filename }) => `file:${join(destination, filename)}`);
}

/** Who depends on which installed folder, over all that the packages need from others. */
function findThirdParties(root, published) {
  const ours = new Set(published.map(({ name }) => name));
  const queue = published.map((each) => join(root, each.folder));
  const seen = new Set(queue);
  const edges = [];
  for (const from of queue) {
    const { name: dependent, dependencies = {} } = readJson(join(from, 'package.json'));
    for (const dependency of Object.keys(dependencies)) {
      if (ours.has(dependency)) continue;
      const folder = findInstalled(from, dependency);
      edges.push({ dependent, dependency, folder });
      if (!seen.has(folder)) queue.push(folder);
      seen.add(folder);
    }
  }
  return edges;
}

function findInstalled(from, name) {
  for (let at = from; ; at = dirname(at)) {
    const folder = join(at, 'node_modules', name);
    if (existsSync(join(folder, 'package.json'))) return realpathSync(folder);
    if (at === dirname(at)) throw new Error(`${name} is not installed, and ${from} needs it`);
  }
}

/** With a cache and a configuration of its own: neither what was fetched before nor a user's settings play a part. */
async function npm(args, cwd, folder) {
  const own = [
    `--cache=${join(folder, 'npm-cache')}`,
    `--userconfig=${join(folder, 'npmrc')}`,
    '--no-audit',
    '--no-fund',
  ];
  const { code, stdout, stderr } = await capture('npm', [...args, ...own], { cwd });
  if (code !== 0) throw new Error(`npm ${args[0]} failed:\n${stdout}${stderr}${readLog(stderr)}`);
  return stdout;
}

function readLog(stderr) {
  const file = /complete log of this run can be found in: (.+)$/m.exec(stderr)?.[1];
  return file && existsSync(file) ? readFileSync(file, 'utf8') : '';
}
