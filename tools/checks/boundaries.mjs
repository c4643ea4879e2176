import { dirname, relative, resolve } from 'node:path';
import { importsOf, parseFile } from './syntax.mjs';
import { listFiles, listPackages } from './workspace.mjs';

const TESTKIT = '@signalbox/testkit';
const INSTALLED = ['dependencies', 'optionalDependencies', 'peerDependencies'];

/**
 * Compares what packages declare and import with the table of allowed edges. Returns one sentence for each problem.
 *
 * @param {string} root
 * @param {Record<string, string[]>} allowed Package to the packages that it may import.
 * @param {string[]} withoutTestkit Packages whose tests may not use the testkit either: it builds on them.
 */
export function checkBoundaries(root, allowed, withoutTestkit) {
  const packages = listPackages(root);
  const known = packages.filter(({ name }) => name in allowed);
  return [
    ...packages.filter(({ name }) => !(name in allowed)).map(({ name }) => `${name} is not in the table of edges`),
    ...Object.keys(allowed)
      .filter((name) => !packages.some((each) => each.name === name))
      .map((name) => `${name} is in the table of edges and does not exist`),
    ...packages
      .filter(({ name, manifest }) => name === TESTKIT && manifest.private !== true)
      .map(() => `${TESTKIT} is not private`),
    ...known.flatMap((each) => checkManifest(each, allowed[each.name], !withoutTestkit.includes(each.name))),
    ...known.flatMap((each) => checkImports(root, each, allowed[each.name])),
  ];
}

function checkManifest({ folder, manifest, isApp }, allowed, mayUseTestkit) {
  const problems = [];
  for (const field of [...INSTALLED, 'devDependencies']) {
    for (const dependency of Object.keys(manifest[field] ?? {})) {
      if (!internalName(dependency)) continue;
      const isDevelopment = field === 'devDependencies';
      const fine =
        dependency === TESTKIT
          ? isDevelopment && mayUseTestkit
          : allowed.includes(dependency) && (isApp || !isDevelopment);
      if (!fine) problems.push(`${folder}/package.json has ${dependency} in ${field}`);
    }
  }
  return problems;
}

function checkImports(root, { folder }, allowed) {
  const home = resolve(root, folder);
  return listFiles(root, `${folder}/src`).flatMap((file) =>
    importsOf(parseFile(root, file)).flatMap(({ specifier, at }) => {
      if (specifier.startsWith('.')) {
        const target = relative(home, resolve(root, dirname(file), specifier));
        return target.startsWith('..') ? [`${at} reaches out of its package to ${specifier}`] : [];
      }
      const name = internalName(specifier);
      return name && !allowed.includes(name) ? [`${at} imports ${name}`] : [];
    }),
  );
}

/** The package of ours that a module belongs to. */
function internalName(specifier) {
  return /^(@signalbox\/[^/]+|signalbox(?=\/|$))/.exec(specifier)?.[0];
}
