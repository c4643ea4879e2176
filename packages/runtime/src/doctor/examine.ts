import { statfs } from 'node:fs/promises';
import { type Connector, environmentNamesOf, exportedEnvironment } from '@signalbox/connectors';
import { type Clock, messageOf } from '@signalbox/kernel';
import { openSqlite } from '@signalbox/kernel/sqlite';
import { createGit } from '../git/git.js';
import { findRepository } from '../project/find-root.js';
import { openStore } from '../project/open-store.js';
import type { ProjectPaths } from '../project/paths.js';
import { baseFindings } from './base-branch.js';
import { budgetFinding } from './budget-finding.js';
import { filterFindings } from './filters.js';
import { keyFinding, remainsFindings } from './log-files.js';
import { configFinding, policyFinding } from './project-files.js';
import { sandboxFinding } from './sandbox-finding.js';
import { worktreeFindings } from './worktrees.js';

/** One thing looked at. `bad` keeps Signalbox from working, `warn` only some part of it. */
export interface Finding {
  name: string;
  state: 'good' | 'warn' | 'bad';
  text: string;
  hint?: string;
}

export interface DoctorEnv {
  folder: string;
  /** Null outside of a project. */
  paths: ProjectPaths | null;
  environment: NodeJS.ProcessEnv;
  clock: Clock;
  connectors: readonly Connector[];
}

const LOW_DISK_BYTES = 1024 ** 3;

/** Looks at everything that Signalbox depends on here. Changes nothing but what opening the store migrates. */
export async function examine(env: DoctorEnv): Promise<Finding[]> {
  const agents = env.connectors
    .filter((connector) => connector.id !== 'command')
    .map((each) => agentFinding(env, each));
  return [
    nodeFinding(),
    await gitFinding(env),
    sqliteFinding(),
    ...(env.paths
      ? [
          storeFinding(env.paths, env.clock),
          keyFinding(env.paths),
          ...(await remainsFindings(env.paths, env.clock)),
          ...(await worktreeFindings(env.paths, env.clock)),
          ...(await filterFindings(env.paths, env.environment)),
          configFinding(env.paths),
          ...(await baseFindings(env.paths, env.environment)),
          policyFinding(env.paths),
          ...[await budgetFinding(env.paths, env.clock)].filter((finding) => finding !== null),
        ]
      : [projectFinding(env.folder)]),
    ...(await Promise.all(agents)),
    await sandboxFinding(env),
    await diskFinding(env.paths?.root ?? env.folder),
  ];
}

function nodeFinding(): Finding {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const good = major > 20 || (major === 20 && minor >= 19);
  const hint = good ? {} : { hint: 'Install Node 20.19 or later.' };
  return { name: 'node', state: good ? 'good' : 'bad', text: process.versions.node, ...hint };
}

async function gitFinding({ folder, environment }: DoctorEnv): Promise<Finding> {
  try {
    const version = (await createGit(folder, environment).run(['--version'])).replace('git version ', '');
    const [major = 0, minor = 0] = version.split('.').map(Number);
    // `git merge-tree --write-tree`, by which work is merged without a checkout, came with 2.38.
    if (major < 2 || (major === 2 && minor < 38)) {
      return { name: 'git', state: 'bad', text: version, hint: 'Install git 2.38 or later.' };
    }
    if (findRepository(folder) === null) {
      const hint = 'Run `git init` and commit something; outside of git tasks run in place and nothing is landed.';
      return { name: 'git', state: 'warn', text: `${version}, but this is no repository`, hint };
    }
    return { name: 'git', state: 'good', text: version };
  } catch (error) {
    return { name: 'git', state: 'bad', text: messageOf(error), hint: 'Install git 2.38 or later.' };
  }
}

function sqliteFinding(): Finding {
  try {
    const db = openSqlite(':memory:');
    const version = String(db.prepare('SELECT sqlite_version() AS version').get()?.['version']);
    db.close();
    return { name: 'sqlite', state: 'good', text: `${version} by ${db.driver}` };
  } catch (error) {
    return { name: 'sqlite', state: 'bad', text: messageOf(error), hint: 'Run `npm rebuild better-sqlite3`.' };
  }
}

function projectFinding(folder: string): Finding {
  return { name: 'project', state: 'warn', text: `${folder} is not initialised`, hint: 'Run `signalbox init`.' };
}

function storeFinding(paths: ProjectPaths, clock: Clock): Finding {
  try {
    const store = openStore(paths, clock);
    try {
      const size = store.ledger.head().size;
      const newest = store.ledger.read({ after: size - 1 })[0];
      if (newest && Date.parse(newest.time) > clock.now() + 60_000) {
        const hint = 'Correct the clock: leases are granted and judged by it.';
        return { name: 'clock', state: 'warn', text: `it is behind the ledger's last entry (${newest.time})`, hint };
      }
      return { name: 'store', state: 'good', text: `${paths.database}, ${size} ledger entries` };
    } finally {
      store.close();
    }
  } catch (error) {
    return { name: 'store', state: 'bad', text: messageOf(error) };
  }
}

async function agentFinding({ environment, clock }: DoctorEnv, connector: Connector): Promise<Finding> {
  const exported = exportedEnvironment(environment, environmentNamesOf(connector, {}));
  const report = await connector.probe({ config: {}, environment: exported, clock });
  const problem = report.problems[0];
  const hint = problem ? { hint: problem.hint } : {};
  if (!report.installed) return { name: connector.id, state: 'warn', text: 'not installed', ...hint };
  const version = report.version ?? 'version unknown';
  if (report.login === 'missing')
    return { name: connector.id, state: 'warn', text: `${version}, not logged in`, ...hint };
  return { name: connector.id, state: 'good', text: `${version}, ${report.program ?? ''}` };
}

async function diskFinding(folder: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(folder);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free`;
  if (free >= LOW_DISK_BYTES) return { name: 'disk', state: 'good', text };
  return { name: 'disk', state: 'warn', text, hint: 'Each worktree is a full checkout: make room.' };
}
