import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { AI_VARIABLE, ATTEMPT_VARIABLE, type AttemptMarker } from '@signalbox/connectors';
import type { ExecutorEnv } from './env.js';

/** Where our own command line keeps what belongs to the user; an agent's environment does not name it otherwise. */
const HOME_NAMES = ['SIGNALBOX_HOME', 'XDG_CONFIG_HOME', 'XDG_CACHE_HOME', 'HOME'] as const;

/**
 * Puts our own command line into the PATH of an agent, so that it can ask for one more lock. What it then does is judged as
 * any other command of an agent, also if it has shed its marker before: what is started here carries it again. Returns the changed environment; the same where there is no command line to offer.
 */
export async function offerCli(
  env: Pick<ExecutorEnv, 'cli' | 'environment'>,
  ownScratch: string,
  marker: AttemptMarker,
  environment: Record<string, string>,
): Promise<Record<string, string>> {
  if (env.cli === null) return environment;
  const folder = join(ownScratch, 'bin');
  const homes = HOME_NAMES.map((name) => {
    const value = env.environment[name];
    return value === undefined ? `unset ${name}` : `export ${name}=${quote(value)}`;
  });
  const marks = [`export ${ATTEMPT_VARIABLE}=${quote(marker.attempt)}`, `export ${AI_VARIABLE}=${quote(marker.ai)}`];
  const words = env.cli.map(quote).join(' ');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, 'signalbox');
  await writeFile(file, `#!/bin/sh\n${[...homes, ...marks].join('\n')}\nexec ${words} "$@"\n`);
  await chmod(file, 0o500);
  return { ...environment, PATH: [folder, environment['PATH'] ?? ''].join(delimiter) };
}

function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
