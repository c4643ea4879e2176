import type { EvidenceDraft } from '@signalbox/audit';
import type { AttemptMarker, Connector } from '@signalbox/connectors';
import type { JsonObject } from '@signalbox/kernel';
import type { PolicyDecisionRecord } from '@signalbox/policy';
import type { AIInstance } from '@signalbox/router';
import type { Attempt, Block, Failure, LeaseRef, Settlement, Task } from '@signalbox/task-core';
import { createSnapshots } from '../git/snapshot.js';
import { landingMessage } from '../landing/land-attempt.js';
import type { Workspace } from '../workspace/workspace.js';
import { type AgentDoor, createAgentDoor } from './agent-door.js';
import { type Change, collectChange, commitChange } from './change.js';
import { originOf } from './claim-task.js';
import { COMMAND_TIMEOUT_MS, type CommandScope, runChecks, runCommand } from './commands.js';
import type { ExecutorEnv, OnProgress } from './env.js';
import { readInstructions } from './instructions.js';
import { landChange } from './landing-step.js';
import { buildPrompt } from './prompt.js';
import { type AgentRun, runAgent } from './run-agent.js';
import type { Trace } from './trace.js';
import { judgeAttempt, type Verdict } from './verdict.js';

/** Everything that one attempt has in hand. */
export interface AttemptScope {
  task: Task;
  ai: AIInstance;
  connector: Connector;
  attempt: Attempt;
  lease: LeaseRef;
  workspace: Workspace;
  /** The agent's own folder for temporary files. */
  scratch: string;
  /** Ours, which the agent is not told of. */
  ownScratch: string;
  trace: Trace;
  signal: AbortSignal;
  progress: OnProgress;
}

/** How an attempt ended, before it is settled. */
export interface AttemptEnd {
  settlement: Settlement;
  verdict: Verdict | null;
  drafts: EvidenceDraft[];
  data: JsonObject;
  /** The commit that is now the tip of the integration branch, if the change landed. */
  landed: string | null;
}

/** Set-up, agent, evidence, verdict, landing. Returns how the attempt ended; throws only for what is nobody's attempt's fault. */
export async function runAttempt(env: ExecutorEnv, scope: AttemptScope): Promise<AttemptEnd> {
  const { task, ai, attempt, workspace } = scope;
  const door = createAgentDoor(env, { task, ai, attempt, workspace: workspace.folder });
  const commands = commandScope(scope);
  const drafts: EvidenceDraft[] = [];
  const end = (settlement: Settlement, more: Partial<AttemptEnd> = {}): AttemptEnd => ({
    settlement,
    verdict: null,
    drafts,
    landed: null,
    ...more,
    data: { workspace: workspace.folder, branch: workspace.branch, base: workspace.base, ...more.data },
  });

  const setupFailure = await setUp(env, scope, door, commands, drafts);
  if (setupFailure) return end(setupFailure);
  const { git, base } = workspace;
  const snapshots = git && base !== null ? createSnapshots(git, base, scope.ownScratch) : null;
  const before = snapshots && (await snapshots.take());

  const refused = task.run ? refusalOf(door.decideCommand(task.run, originOf(task)), runText(task.run)) : null;
  if (refused) return end(refused);

  scope.progress({ task: task.id, step: 'agent', text: `${ai.id} works` });
  const instructions = await readInstructions(workspace);
  const run = await runAgent(env, {
    ...scope,
    folder: workspace.folder,
    prompt: buildPrompt(task, instructions),
    door,
  });
  drafts.push(...(await runEvidence(env, scope, run)));
  const data: JsonObject = { usage: { ...run.usage }, ...(run.session ? { session: run.session } : {}) };

  const change =
    snapshots && before !== null ? await collectChange(env, { ...changeScope(scope), snapshots, before }) : null;
  if (change?.draft) drafts.push(change.draft);
  const commit = change && (await commitChange(workspace, change, messageOf(scope, change), ai.id));
  if (commit) data['commit'] = commit;
  if (run.failure) return end(afterAgentFailure(run.failure, door), { data });
  if (scope.signal.aborted) return end(stopped(scope), { data });

  const judged = await judge(env, scope, door, commands, change, drafts);
  // A check that was cut short says nothing about the work.
  if (scope.signal.aborted) return end(stopped(scope), { data });
  if (!judged.verdict.pass) return end(afterVerdict(judged.verdict), { verdict: judged.verdict, data });
  if (!change || !commit || workspace.kind === 'in-place')
    return end({ kind: 'done' }, { verdict: judged.verdict, data });

  const landing = await landChange(env, scope, { commit, change, commands, drafts, verdict: judged.verdict });
  if (landing.landed === null && scope.signal.aborted) return end(stopped(scope), { data });
  return end(landing.settlement, { verdict: landing.verdict, landed: landing.landed, data });
}

/** The end of an attempt that was told to stop, or that lost its lease. */
function stopped(scope: AttemptScope): Settlement {
  return { kind: 'failure', failure: scope.signal.reason as Failure };
}

function commandScope(scope: AttemptScope): CommandScope {
  const marker: AttemptMarker = { attempt: scope.attempt.id, ai: scope.ai.id };
  const timeoutMs = scope.task.timeoutMs ?? COMMAND_TIMEOUT_MS;
  return { marker, task: scope.task.id, folder: scope.workspace.folder, timeoutMs, signal: scope.signal };
}

function changeScope(scope: AttemptScope) {
  const { workspace, ownScratch, task, attempt } = scope;
  return { workspace, scratch: ownScratch, task: task.id, attempt: attempt.id };
}

function messageOf(scope: AttemptScope, change: Change): string {
  const { task, attempt, ai } = scope;
  const evidence = change.draft?.digest ?? 'none';
  return landingMessage({ task, attempt: attempt.id, ai: ai.id, evidence }, task.title);
}

async function setUp(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  commands: CommandScope,
  drafts: EvidenceDraft[],
): Promise<Settlement | null> {
  if (scope.workspace.kind === 'in-place') return null;
  for (const line of env.setup) {
    const refused = refusalOf(door.decideSetup(line), line);
    if (refused) return refused;
    scope.progress({ task: scope.task.id, step: 'setup', text: line });
    const { result, draft, tail } = await runCommand(env, commands, line, { purpose: 'setup', tree: null });
    drafts.push(draft);
    if (scope.signal.aborted) return stopped(scope);
    if (result.code !== 0) {
      const message = `The set-up \`${line}\` failed (exit ${result.code}).\n${tail}`.trim();
      return { kind: 'failure', failure: { class: 'crashed', message } };
    }
  }
  return null;
}

function runText(run: NonNullable<Task['run']>): string {
  return 'shell' in run ? run.shell : run.argv.join(' ');
}

/** What becomes of the task if policy does not let a line run; null if it does. */
function refusalOf(decision: PolicyDecisionRecord, line: string): Settlement | null {
  if (decision.decision === 'allow') return null;
  const what = `run \`${line}\``;
  const failure: Failure = {
    class: 'policy_denied',
    message: `Policy ${decision.decision === 'ask' ? 'asks' : 'denies'}: ${decision.reason}`,
  };
  const block: Block =
    decision.decision === 'ask'
      ? { kind: 'approval', decision: decision.id, what }
      : { kind: 'human', reason: `${failure.message} (${decision.id})` };
  return { kind: 'blocked', blockedBy: [block], failure };
}

function afterAgentFailure(failure: Failure, door: AgentDoor): Settlement {
  const wanted = door.wanted();
  if (failure.class !== 'policy_denied' || !wanted) return { kind: 'failure', failure };
  return { kind: 'blocked', blockedBy: [{ kind: 'approval', ...wanted }], failure };
}

function afterVerdict(verdict: Verdict): Settlement {
  const message = verdict.reasons.map((reason) => reason.message).join('\n');
  const failure: Failure = { class: 'checks_failed', message };
  if (!verdict.needsPerson) return { kind: 'failure', failure };
  return {
    kind: 'blocked',
    blockedBy: verdict.reasons.map((reason) => ({ kind: 'human', reason: reason.message })),
    failure,
  };
}

async function runEvidence(env: ExecutorEnv, scope: AttemptScope, run: AgentRun): Promise<EvidenceDraft[]> {
  const about = {
    task: scope.task.id,
    attempt: scope.attempt.id,
    producer: `connector/${scope.connector.id}`,
    tree: null,
  };
  const drafts: EvidenceDraft[] = [];
  if (Object.keys(run.usage).length > 0) {
    const blob = await env.blobs.put(JSON.stringify(run.usage));
    drafts.push({ ...about, kind: 'usage', grade: 'claimed', ...blob, summary: { ...run.usage } });
  }
  if (run.summary !== '') {
    const blob = await env.blobs.put(run.summary);
    const kind = scope.task.type === 'review' || scope.task.type === 'research' ? 'artefact' : 'log';
    drafts.push({
      ...about,
      kind,
      grade: 'claimed',
      ...blob,
      summary: { text: run.summary.slice(0, 2_000), exitCode: run.exitCode },
    });
  }
  return drafts;
}

async function judge(
  env: ExecutorEnv,
  scope: AttemptScope,
  door: AgentDoor,
  commands: CommandScope,
  change: Change | null,
  drafts: EvidenceDraft[],
): Promise<{ verdict: Verdict }> {
  const { task } = scope;
  const paths = change?.paths ?? null;
  const tree = change?.tree ?? null;
  const allowed = task.checks.filter(
    (check) => door.decideCommand({ shell: check }, originOf(task)).decision === 'allow',
  );
  for (const check of allowed) scope.progress({ task: task.id, step: 'check', text: check });
  const checks = await runChecks(env, commands, allowed, tree);
  drafts.push(...checks.drafts);
  const writes = (paths ?? []).map((path) => ({ path, decision: door.judgeWrite(path).decision }));
  const verdict = judgeAttempt({
    task,
    changed: paths,
    tree,
    checks: checks.results,
    deniedPaths: writes.filter((write) => write.decision === 'deny').map((write) => write.path),
    askedPaths: writes.filter((write) => write.decision === 'ask').map((write) => write.path),
    demanded: door.demanded(),
    collected: drafts.map((draft) => draft.kind),
    refusedChecks: task.checks.filter((check) => !allowed.includes(check)),
  });
  return { verdict };
}
