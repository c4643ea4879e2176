import { join } from 'node:path';
import { listPackages, readJson } from './workspace.mjs';

const FIELDS = ['name', 'version', 'dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'];

/** Places where package-lock.json says something else than the manifests, or names a registry. */
export function checkLock(root) {
  const { packages } = readJson(join(root, 'package-lock.json'));
  const workspaces = [...listPackages(root).map(({ folder }) => folder), 'tools'];
  const manifests = new Map(
    ['', ...workspaces].map((folder) => [folder, readJson(join(root, folder, 'package.json'))]),
  );
  return [
    ...registryProblems(packages),
    ...[...manifests].flatMap(([folder, manifest]) => differences(packages[folder], folder, manifest)),
    ...workspaces.flatMap((folder) => linkProblem(packages, folder, manifests.get(folder).name)),
    ...Object.keys(packages)
      .filter((key) => key !== '' && !key.includes('node_modules/') && !manifests.has(key))
      .map((key) => `package-lock.json has ${key}, which is not a workspace`),
  ];
}

/** Only the links of workspaces may be resolved; a registry's host would bind every install to it. */
function registryProblems(packages) {
  return Object.entries(packages)
    .filter(([, entry]) => entry.resolved && !entry.link)
    .map(([key, { resolved }]) => `package-lock.json fixes where ${key} comes from: ${resolved}`);
}

function differences(entry, folder, manifest) {
  const place = folder || 'the root';
  if (!entry) return [`package-lock.json does not have ${place}`];
  return FIELDS.filter((field) => !isSame(entry[field], manifest[field], field)).map(
    (field) => `package-lock.json has another ${field} for ${place}`,
  );
}

function isSame(locked, written, field) {
  if (field === 'name' || field === 'version') return locked === written;
  const sorted = (table) => JSON.stringify(Object.entries(table ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)));
  return sorted(locked) === sorted(written);
}

function linkProblem(packages, folder, name) {
  const link = packages[`node_modules/${name}`];
  return link?.link && link.resolved === folder ? [] : [`package-lock.json does not link ${name} to ${folder}`];
}
