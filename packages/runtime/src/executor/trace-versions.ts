import type { Trace } from '@signalbox/audit';
import type { Connector } from '@signalbox/connectors';
import type { AIInstance } from '@signalbox/router';
import { createGit } from '../git/git.js';
import type { ExecutorEnv } from './env.js';
import { probeAI } from './probe-ai.js';

/** Writes down with what an attempt was made: an outsider who looks into it later may find other versions. */
export async function traceVersions(
  env: ExecutorEnv,
  trace: Pick<Trace, 'write'>,
  ai: AIInstance,
  connector: Connector,
): Promise<void> {
  const git = await createGit(env.store.paths.root, env.environment)
    .attempt(['--version'])
    .catch(() => null);
  const agent = await probeAI(env, ai, connector).catch(() => null);
  const versions = {
    node: process.versions.node,
    git: git?.stdout.replace('git version ', '') ?? 'not found',
    [connector.id]: agent?.version ?? 'unknown',
  };
  trace.write('versions', { versions });
}
