import type { BlobStore, EvidenceIndex, Redactor } from '@signalbox/audit';
import type { ProcessRunner } from '@signalbox/connectors';
import type { Policy } from '@signalbox/policy';
import type { Executor } from '@signalbox/task-core';
import type { Budgets } from '../budgets/budgets.js';
import type { Door, DoorEnv } from '../door/door.js';
import type { ConnectorSet } from '../plugins/connector-set.js';
import type { EvidenceConfig } from '../project/evidence-config.js';
import type { ProjectStore } from '../project/open-store.js';
import type { WorkspaceConfig } from '../project/workspace-config.js';
import type { SandboxService } from '../sandbox/sandbox-service.js';
import type { ProbeCache } from './probe-ai.js';
import type { KnownGit } from './trace-versions.js';
import type { Turns } from './turns.js';

/** What an execution needs of the world. */
export interface ExecutorEnv {
  store: ProjectStore;
  door: Door;
  /** For making a door whose policy sees the attempt's own folder as the workspace. */
  doorEnv: DoorEnv;
  loadPolicy(workspace: string, ai: string | undefined): Policy;
  blobs: BlobStore;
  evidence: EvidenceIndex;
  /** What the project wants collected. */
  collect: EvidenceConfig;
  /** For everything that is written down, shown or sent. */
  redactor: Redactor;
  connectors: ConnectorSet;
  probes: ProbeCache;
  git: { known: KnownGit | null };
  processes: ProcessRunner;
  sandbox: SandboxService;
  /** One lane at a time lands: each landing sends the others that are at it back to their checks. */
  landings: Turns;
  /** How our own command line is started, for agents that may ask by it; null: there is none. */
  cli: readonly string[] | null;
  /** Ours; what of it a child gets is decided by an allow-list. */
  environment: NodeJS.ProcessEnv;
  identity: Executor;
  /** The base branch of the project. */
  base: string;
  budgets: Budgets;
  /** Shell lines for a fresh worktree. */
  setup: readonly string[];
  /** What else each workspace gets: copies of files, ports, variables. */
  workspace: Pick<WorkspaceConfig, 'copy' | 'ports' | 'env'>;
  /** After an attempt: signs the state of the ledger and anchors it. */
  checkpoint(): Promise<void>;
}

/** What goes on, for a person who watches. */
export interface Progress {
  task: string;
  step:
    | 'claimed'
    | 'routed'
    | 'workspace'
    | 'setup'
    | 'agent'
    | 'output'
    | 'tool'
    | 'refused'
    | 'check'
    | 'landed'
    /** It is tried again after a pause, which is waited for. */
    | 'waits'
    | 'settled';
  text: string;
}

export type OnProgress = (progress: Progress) => void;
