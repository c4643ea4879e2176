import { hostname } from 'node:os';
import { createRedactor, openBlobStore, secretsOf } from '@signalbox/audit';
import { agentMarker, bootId, builtinConnectors, createProcessRunner, processIdentity } from '@signalbox/connectors';
import { type Clock, systemClock } from '@signalbox/kernel';
import type { TaskStore } from '@signalbox/task-core';
import { type Actor, currentActor } from './actor.js';
import { expireApprovals } from './approvals/answer-approval.js';
import { createApprovalDesk } from './approvals/approval-desk.js';
import { keepPolicyTexts } from './decisions/keep-policy.js';
import { createDoor, type Door, type DoorEnv } from './door/door.js';
import { kindsThatCount } from './door/obligations.js';
import { policySources } from './door/policy-files.js';
import { createPolicyLoader } from './door/policy-loader.js';
import type { ExecutorEnv } from './executor/env.js';
import { recoverOrphans } from './executor/recover.js';
import { createTurns } from './executor/turns.js';
import { createLedgerService, type LedgerService } from './ledger/ledger-service.js';
import { createConnectorSet } from './plugins/connector-set.js';
import { type ProjectConfig, readConfig } from './project/config.js';
import { findHome } from './project/home.js';
import { openStore, type ProjectStore } from './project/open-store.js';
import { findOrphans } from './project/orphans.js';
import { projectPaths } from './project/paths.js';
import { createSandboxService } from './sandbox/sandbox-service.js';
import { collectGarbage } from './workspace/collect-garbage.js';

export interface SignalboxOptions {
  /** The project's root. Absolute. */
  root: string;
  clock?: Clock;
  /** Default: this process's. */
  environment?: NodeJS.ProcessEnv;
  /** How the command line is started: program and first arguments. Agents find it as `signalbox`. Default: they do not. */
  cli?: readonly string[];
}

/** The whole system for one project. Close it when done: children are ended and the store is let go. */
export interface Signalbox {
  store: ProjectStore;
  config: ProjectConfig;
  /** Who this process acts for. */
  actor: Actor;
  /** The attempt that this process was started for, if it was started by an agent. */
  attempt: string | null;
  tasks: TaskStore;
  door: Door;
  ledger: LedgerService;
  executor: ExecutorEnv;
  close(): Promise<void>;
}

/**
 * Opens a project. Tasks whose executor has died are given back first. Throws `NO_PROJECT`, `CONFIG_INVALID` or
 * `STORE_NEWER`; a policy that does not load is no error here, it denies.
 */
export async function createSignalbox(options: SignalboxOptions): Promise<Signalbox> {
  const environment = options.environment ?? process.env;
  const clock = options.clock ?? systemClock;
  const paths = projectPaths(options.root, findHome(environment));
  const config = readConfig(paths);
  const store = openStore(paths, clock);
  const processes = createProcessRunner({ clock });
  const close = async (): Promise<void> => {
    await processes.close();
    store.close();
  };
  try {
    const orphans = await findOrphans(store, hostname());
    if (orphans.length > 0) await recoverOrphans(store, orphans, environment);
    await collectGarbage(store, environment, { now: clock.now(), keep: config.workspace.keep });
    await expireApprovals(store);
    const marker = agentMarker(environment);
    const ledger = createLedgerService(store, environment);
    const executor = buildExecutor({ store, config, environment, processes, ledger, cli: options.cli ?? null });
    const whose = { actor: currentActor(marker), attempt: marker?.attempt ?? null };
    return { ...whose, store, config, tasks: store.tasks, door: executor.door, ledger, executor, close };
  } catch (error) {
    await close();
    throw error;
  }
}

interface Parts {
  store: ProjectStore;
  config: ProjectConfig;
  environment: NodeJS.ProcessEnv;
  processes: ExecutorEnv['processes'];
  ledger: LedgerService;
  cli: readonly string[] | null;
}

function buildExecutor({ store, config, environment, processes, ledger, cli }: Parts): ExecutorEnv {
  const { paths, clock, ids, db, records } = store;
  const load = createPolicyLoader((workspace, ai) => ({
    sources: policySources(paths, ai),
    options: { now: clock.now(), workspace, path: environment['PATH'] ?? '', overrides: records.overrides.active() },
  }));
  const redactor = createRedactor({ secrets: secretsOf(environment) });
  const doorEnv: DoorEnv = {
    clock,
    ids,
    db,
    ledger: store.ledger,
    policyFor: (ai) => load(paths.root, ai),
    headless: true,
    ci: environment['CI'] === 'true' || environment['CI'] === '1',
    redactor,
    desk: createApprovalDesk({ clock, approvals: records.approvals }),
    keyedDigest: records.keyedDigest,
    keepPolicy: (policy) => keepPolicyTexts(records.texts, policy),
    async evidenceOf(task) {
      const attempt = (await store.tasks.attempts(task)).at(-1)?.id ?? task;
      const evidence = await store.evidence.list({ task, attempt });
      // What was collected last, together: what an earlier try to complete it gave is older than the work may be by now.
      return kindsThatCount(evidence.filter(({ at }) => at === evidence.at(-1)?.at));
    },
  };
  const door = createDoor(doorEnv);
  const identity = processIdentity(process.pid);
  return {
    store,
    door,
    doorEnv,
    loadPolicy: load,
    blobs: openBlobStore(paths.blobs),
    evidence: store.evidence,
    collect: config.evidence,
    redactor,
    connectors: createConnectorSet({ builtin: builtinConnectors, plugins: config.plugins, paths, door }),
    probes: new Map(),
    git: { known: null },
    landings: createTurns(),
    processes,
    sandbox: createSandboxService(config.sandbox, { clock, environment }),
    cli,
    environment,
    identity: { host: hostname(), boot: bootId(), pid: process.pid, startTime: identity?.startTime ?? '' },
    base: config.base,
    budgets: config.budgets,
    setup: config.workspace.setup,
    workspace: config.workspace,
    checkpoint: async () => void (await ledger.checkpoint()),
  };
}
