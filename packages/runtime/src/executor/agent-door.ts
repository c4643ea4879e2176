import type { AgentAnswer, AgentRequest } from '@signalbox/connectors';
import type { JournalEntry } from '@signalbox/kernel';
import type { PolicyDecisionRecord } from '@signalbox/policy';
import type { Approval } from '@signalbox/policy/records';
import type { AIInstance } from '@signalbox/router';
import type { PathLock, Task } from '@signalbox/task-core';
import type { Inquiry } from '../approvals/approval-desk.js';
import { awaitAnswer } from '../approvals/await-answer.js';
import { type Ask, createDoor, type Ruling } from '../door/door.js';
import { evidenceWanted } from '../door/obligations.js';
import { settingMs } from '../door/setting-ms.js';
import type { AttemptSandbox } from '../sandbox/attempt-sandbox.js';
import { type CommandLine, createAgentAsks, describeRequest } from './agent-asks.js';
import { collectOutcomes } from './decision-outcomes.js';
import type { ExecutorEnv } from './env.js';

/** An approval without which an attempt could not go on. */
export interface WantedApproval {
  decision: string;
  what: string;
  approval?: string;
}

/** Policy as one attempt meets it: the attempt's folder is the workspace, its AI the subject. */
export interface AgentDoor {
  /** Judges and records what the agent asks. Never rejects: whatever goes wrong is a no that ends the attempt. */
  answer(request: AgentRequest): Promise<AgentAnswer>;
  /** The locks of the task as they are now. */
  locks(): Promise<PathLock[]>;
  /** Judges and records a command line that we run for the task: its run line, a check. */
  decideCommand(command: CommandLine, origin: 'user' | 'ai'): Promise<Ruling>;
  /** Judges a command line and records nothing. */
  judgeCommand(command: CommandLine, origin: 'user' | 'ai'): PolicyDecisionRecord;
  /** Puts the question where policy asks about a command line, and takes no answer: see `Door.inquire`. */
  inquireCommand(command: CommandLine, origin: 'user' | 'ai'): Promise<Inquiry | null>;
  /** The same for a set-up line. */
  inquireSetup(line: string): Promise<Inquiry | null>;
  /** Judges and records a set-up line. The user has trusted it, so it is the user who acts. */
  decideSetup(line: string): Promise<Ruling>;
  /** Judges a changed path after the fact, and records nothing unless it is refused. */
  judgeWrite(path: string): PolicyDecisionRecord;
  /** Whether a person has allowed the agent to write this path. */
  isGranted(path: string): boolean;
  granted(): string[];
  wanted(): WantedApproval | null;
  demanded(): string[];
  /** What was seen afterwards: the exit code of a command line, the paths that changed. */
  observe(seen: { command: string; exit: number | null } | { changed: readonly string[] }): void;
  /** What came of each decision so far that is not recorded yet. */
  outcomes(): JournalEntry[];
}

/** Milliseconds that an agent's call waits for a person, unless policy sets it. */
const WAIT_MS = 10 * 60_000;

export interface AgentDoorScope {
  task: Task;
  ai: AIInstance;
  attempt: { id: string; number: number };
  workspace: string;
  /** What holds what the agent does, and what we run for it. */
  sandbox: Pick<AttemptSandbox, 'agent' | 'commands'>;
  /** Ends the wait for a person. */
  signal: AbortSignal;
  /** Says that a person is waited for. */
  onWait(approval: { id: string; what: string }): void;
}

export function createAgentDoor(env: ExecutorEnv, scope: AgentDoorScope): AgentDoor {
  // Looked at for each decision: what a person changes or takes back while the agent works counts at once.
  const policyNow = () => env.loadPolicy(scope.workspace, scope.ai.id);
  const door = createDoor({ ...env.doorEnv, policyFor: policyNow });
  const asks = createAgentAsks(env.store.tasks, scope);
  const grantedWrites = new Set<string>();
  const demanded = new Set<string>();
  const outcomes = collectOutcomes();
  let wanted: WantedApproval | null = null;

  const ruleOn = async (asked: Ask, known?: Approval): Promise<Ruling> => {
    const ruling = await door.rule(asked, known);
    for (const want of evidenceWanted(ruling.decision)) demanded.add(want);
    outcomes.add(ruling);
    return ruling;
  };
  const granted = new Map<string, Approval>();
  /** A yes for once to a line is a yes for this attempt, which may need it before the agent's work and after. */
  const ruleLine = async (asked: Ask): Promise<Ruling> => {
    const key = JSON.stringify([asked.actor, asked.action]);
    const ruling = await ruleOn(asked, granted.get(key));
    if (ruling.effect === 'allow' && ruling.approval) granted.set(key, ruling.approval);
    return ruling;
  };
  /** As `ruleOn`, but an answer that is not there yet is waited for. */
  const ruleInTime = async (asked: Ask): Promise<Ruling> => {
    const ruling = await ruleOn(asked);
    if (ruling.effect !== 'ask' || !ruling.approval) return ruling;
    const waitMs = settingMs(policyNow(), 'approval_wait', WAIT_MS);
    if (waitMs === 0) return ruling;
    scope.onWait(ruling.approval);
    const { clock, records } = env.store;
    const desk = { clock, approvals: records.approvals };
    const isAnswered = await awaitAnswer(desk, ruling.approval.id, waitMs, scope.signal);
    return isAnswered ? ruleOn(asked) : ruling;
  };

  return {
    async answer(request) {
      try {
        const asked = await asks.ofAgent(request);
        const { decision, effect, reason, approval } = await ruleInTime(asked);
        if (effect === 'allow' && approval && request.action === 'file.write') {
          grantedWrites.add(asks.nameIn(request.path));
        }
        if (effect !== 'ask') return { allow: effect === 'allow', message: reason };
        const what = approval?.what ?? env.redactor.text(describeRequest(request));
        wanted = { decision: decision.id, what, ...(approval ? { approval: approval.id } : {}) };
        return { allow: false, message: `A person must approve this first. ${reason}`, stop: true };
      } catch (error) {
        const why = error instanceof Error ? error.message : String(error);
        return { allow: false, message: `The decision failed: ${why}`, stop: true };
      }
    },
    locks: asks.refreshLocks,
    judgeCommand: (command, origin) => door.judge(asks.ofCommand(command, origin)),
    inquireCommand: (command, origin) => door.inquire(asks.ofCommand(command, origin)),
    decideCommand: (command, origin) => ruleLine(asks.ofCommand(command, origin)),
    inquireSetup: (line) => door.inquire(asks.ofSetup(line)),
    decideSetup: (line) => ruleLine(asks.ofSetup(line)),
    granted: () => [...grantedWrites],
    isGranted: (path) => grantedWrites.has(path),
    judgeWrite: (path) => door.judge(asks.ofWrite(path)),
    wanted: () => wanted,
    demanded: () => [...demanded],
    observe: outcomes.observe,
    outcomes: () => outcomes.entries(`task/${scope.task.id}`, scope.workspace),
  };
}
