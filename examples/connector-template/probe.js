import { accessSync, constants } from 'node:fs';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * Looks for the program and for the log-in. It runs nothing and asks nobody.
 *
 * @param {import('@signalbox/connectors').ProbeContext} context
 * @param {import('@signalbox/connectors').ConnectorCapabilities} capabilities
 * @returns {Promise<import('@signalbox/connectors').ProbeReport>}
 */
export async function probe({ config, environment }, capabilities) {
  const name = programOf(config);
  const program = find(name, environment.PATH ?? '');
  const login = environment.EXAMPLE_API_KEY ? 'ready' : 'missing';
  const problems = [];
  if (!program) problems.push({ message: `The program ${name} was not found.`, hint: 'Install it, or set "program".' });
  if (login === 'missing') problems.push({ message: 'There is no key.', hint: 'Set EXAMPLE_API_KEY.' });
  return { installed: program !== null, ...(program ? { program } : {}), login, capabilities, problems };
}

/** @param {import('@signalbox/connectors').RunRequest['config']} config */
export function programOf({ program }) {
  return typeof program === 'string' ? program : 'example-agent';
}

function find(name, path) {
  const places = isAbsolute(name)
    ? [name]
    : path
        .split(delimiter)
        .filter(isAbsolute)
        .map((folder) => join(folder, name));
  return places.find(isExecutable) ?? null;
}

function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
