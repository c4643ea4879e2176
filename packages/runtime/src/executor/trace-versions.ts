import type { Trace } from '@signalbox/audit';
import type { Connector } from '@signalbox/connectors';
import type { AIInstance } from '@signalbox/router';
import { createGit } from '../git/git.js';
import type { ExecutorEnv } from './env.js';
import { PROBE_LIFE_MS, probeAI } from './probe-ai.js';

/** Writes down with what an attempt was made: an outsider who looks into it later may find other versions. */
export async function traceVersions(
  env: ExecutorEnv,
  trace: Pick<Trace, 'write'>,
  ai: AIInstance,
  connector: Connector,
): Promise<void> {
  const git = await gitVersion(env);
  const agent = await probeAI(env, ai, connector).catch(() => null);
  const versions = {
    node: process.versions.node,
    git: git ?? 'not found',
    [connector.id]: agent?.version ?? 'unknown',
  };
  trace.write('versions', { versions });
}

/** What git has said of itself, and when: monotonic milliseconds. */
export interface KnownGit {
  at: number;
  version: Promise<string | null>;
}

/** As long as what an AI has said of itself. */
function gitVersion(env: ExecutorEnv): Promise<string | null> {
  const now = env.store.clock.monotonic();
  if (env.git.known && now - env.git.known.at < PROBE_LIFE_MS) return env.git.known.version;
  const version = createGit(env.store.paths.root, env.environment)
    .run(['--version'])
    .then((said) => said.replace('git version ', ''))
    .catch(() => null);
  env.git.known = { at: now, version };
  return version;
}
