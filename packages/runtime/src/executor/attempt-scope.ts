import type { BlobStore, Trace } from '@signalbox/audit';
import type { AttemptMarker, Connector } from '@signalbox/connectors';
import type { JournalEntry, JsonObject } from '@signalbox/kernel';
import type { AIInstance } from '@signalbox/router';
import type { Attempt, LeaseRef, Settlement, Task } from '@signalbox/task-core';
import type { AttemptSandbox } from '../sandbox/attempt-sandbox.js';
import type { Workspace } from '../workspace/workspace.js';
import { COMMAND_TIMEOUT_MS, type CommandScope } from './commands.js';
import type { OnProgress } from './env.js';
import type { EvidenceLog } from './evidence.js';
import type { Verdict } from './verdict.js';

/** Everything that one attempt has in hand. */
export interface AttemptScope {
  task: Task;
  ai: AIInstance;
  connector: Connector;
  attempt: Attempt;
  lease: LeaseRef;
  workspace: Workspace;
  sandbox: AttemptSandbox;
  /** The TCP ports that are its own. */
  ports: readonly number[];
  /** The agent's own folder for temporary files. */
  scratch: string;
  /** Ours, which the agent is not told of. */
  ownScratch: string;
  evidence: EvidenceLog;
  /** Where the contents of evidence go; what an attempt may store is limited. */
  blobs: Pick<BlobStore, 'put'>;
  trace: Trace;
  /** What the attempt's record is to keep, filled in as the attempt goes on; kept also when something throws. */
  data: JsonObject;
  signal: AbortSignal;
  progress: OnProgress;
  /** When the agent last can have changed anything, in milliseconds since the epoch; null before it has ended. */
  lastEditAt: number | null;
}

/** How an attempt ended, before it is settled. */
export interface AttemptEnd {
  settlement: Settlement;
  verdict: Verdict;
  /** What the attempt's record keeps: workspace, commit, usage, session. */
  data: JsonObject;
  /** The commit that is now the tip of the integration branch, if the change landed. */
  landed: string | null;
  /** What came of the decisions of the attempt. */
  outcomes?: JournalEntry[];
}

/** For the lines that we run for the task: set-up and checks. */
export function commandScopeOf(scope: AttemptScope): CommandScope {
  const marker: AttemptMarker = { attempt: scope.attempt.id, ai: scope.ai.id };
  const timeoutMs = scope.task.timeoutMs ?? COMMAND_TIMEOUT_MS;
  const { task, workspace, sandbox, ports, signal, blobs, trace, lastEditAt } = scope;
  const { folder, copied } = workspace;
  return { marker, task: task.id, folder, sandbox, copied, ports, timeoutMs, signal, blobs, trace, lastEditAt };
}
