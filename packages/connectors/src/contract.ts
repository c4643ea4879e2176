import type { Clock, JsonObject } from '@signalbox/kernel';
import type { ProcessRunner } from './process/types.js';

/**
 * Why an attempt did not succeed. The class, not an exit code, drives retry, pause or stop.
 *
 * - `transient`: the provider or the network failed; the same attempt may well work later.
 * - `rate_limited`: the account may not be used until {@link Failure.resumeAt}.
 * - `auth`: the log-in is missing, refused or unpaid; a human must act.
 * - `agent_error`: the agent ran and says, or shows by its exit, that it did not succeed.
 * - `invalid_output`: the agent broke its protocol, or claims success without the signs of it.
 * - `timeout`: the wall-clock limit was reached.
 * - `stalled`: no sign of life for longer than the start or idle limit.
 * - `cancelled`: a person or a shutdown asked for the stop.
 * - `policy_denied`: an answer of `decide` ended the attempt.
 * - `lease_lost`: another holder has the task; nothing of this attempt may be kept.
 * - `checks_failed`: given by the caller's own verdict, never by a connector.
 * - `crashed`: the agent could not be started, or died by a signal that we did not send.
 */
export type FailureClass =
  | 'transient'
  | 'rate_limited'
  | 'auth'
  | 'agent_error'
  | 'invalid_output'
  | 'timeout'
  | 'stalled'
  | 'cancelled'
  | 'policy_denied'
  | 'lease_lost'
  | 'checks_failed'
  | 'crashed';

export interface Failure {
  class: FailureClass;
  /** One sentence for a person. Must not contain a secret. */
  message: string;
  /** When the account may be used again, in milliseconds since the epoch. Only with `rate_limited`. */
  resumeAt?: number;
}

/** What the attempt used, as far as the agent told. A field that is absent is unknown, not zero. */
export interface Usage {
  /** Without what was read from or written to a cache. */
  inputTokens?: number;
  outputTokens?: number;
  cacheReadTokens?: number;
  cacheWriteTokens?: number;
  /** US dollars for the whole attempt, by the agent's own price list. */
  costUsd?: number;
  turns?: number;
}

/** What an agent asks to do; judged by policy. Paths may be relative (to the workspace) and are not normalised. */
export type AgentRequest =
  | { action: 'shell.run'; command: string; cwd: string }
  | { action: 'file.read' | 'file.write'; path: string }
  | { action: 'net.fetch'; url: string }
  /** `input`: the arguments, for a person who is asked. */
  | { action: 'tool.call'; tool: string; server?: string; input?: JsonObject };

export interface AgentAnswer {
  allow: boolean;
  /** Why; given to the agent when it is refused. */
  message: string;
  /** True: end the attempt now, for example because a person must approve first. */
  stop?: boolean;
}

/** What a run tells while it goes on. */
export type AgentEvent =
  /** The agent is up. At most once a run; before anything but `waiting`. */
  | { type: 'started'; session?: string; model?: string; version?: string }
  | { type: 'text'; text: string }
  /** A tool call or its result. `error` belongs to results: the tool failed or was refused. */
  | { type: 'tool'; id: string; name: string; phase: 'call' | 'result'; input?: JsonObject; error?: boolean }
  /** Alive but not working: a retry of the provider, a rate limit. `untilMs` is in milliseconds since the epoch. */
  | { type: 'waiting'; reason: string; untilMs?: number }
  /** What the run has used so far, as far as is known: for agents that tell it while they work. Never less than before. */
  | { type: 'usage'; usage: Usage }
  /** Exactly one, the last. `failure` is null only when every sign of success is there; a verdict comes later. */
  | {
      type: 'result';
      failure: Failure | null;
      exitCode: number | null;
      usage: Usage;
      session?: string;
      summary: string;
    };

export interface RunRequest {
  attempt: { id: string; task: string; number: number; ai: string };
  prompt: string;
  /** What to run, for tasks of type `command`. */
  run?: { argv: string[] } | { shell: string };
  /** Absolute; the child's working directory. */
  workspace: string;
  /** Absolute; this attempt's private folder outside the workspace. Exists and is empty. The caller deletes it. */
  scratch: string;
  /** Already checked against the connector's `configSchema`. */
  config: JsonObject;
  /** The complete environment of the child, without the marker: see `exportedEnvironment`. */
  environment: Readonly<Record<string, string>>;
  /**
   * Milliseconds: for the whole run, without a sign of life, and until the agent is up. `budgetUsd`: what the run may cost, in
   * US dollars, and `turns`: how often the model may answer; a connector that can have its agent stop there does, and the caller
   * looks at the usage in any case.
   */
  limits: { wallMs: number; idleMs: number; startMs: number; budgetUsd?: number; turns?: number };
  /**
   * Absolute; a private folder of this task and AI that outlives the attempt, for what a session needs to be resumed. Exists.
   * Given to connectors with the `resume` capability; another AI never sees it.
   */
  sessionFolder?: string;
  /**
   * A session to go on with, as an earlier result named it. Ignored by connectors without the `resume` capability. One that is
   * not there any more is no failure: a new one is begun.
   */
  session?: string;
}

export interface RunIo {
  /** Asks for permission. Must never reject; fails closed inside. May take as long as a person needs. */
  decide(request: AgentRequest): Promise<AgentAnswer>;
  /** Aborted: stop the agent now. `signal.reason` is a {@link Failure}, which becomes the result's. */
  signal: AbortSignal;
  clock: Clock;
  processes: ProcessRunner;
  /** Records what went in and out, line by line. The receiver redacts. Must not throw. */
  raw(stream: 'in' | 'out' | 'err', line: string): void;
}

/** What a connector can really do. The router and the policy rely on it, so a claim must hold. */
export interface ConnectorCapabilities {
  /** Asks `decide` before each tool call, and obeys. */
  approvals: boolean;
  /** Can go on with an earlier session. */
  resume: boolean;
  /** Reports tokens or cost. */
  usage: boolean;
  /** Understands a prompt, not only a run line. */
  prompts: boolean;
}

/**
 * When a run tells an amount: `live`, while it goes on, by `usage` events; `end`, in its result; or `never`. An amount that is
 * only told at the end cannot stop the run, unless the agent obeys the limit of the request by itself.
 */
export type Telling = 'live' | 'end' | 'never';

export interface ProbeContext {
  config: JsonObject;
  environment: Record<string, string>;
  clock: Clock;
}

export interface ProbeReport {
  installed: boolean;
  /** Absolute path of the program. */
  program?: string;
  version?: string;
  login: 'ready' | 'missing' | 'unknown' | 'not-needed';
  capabilities: ConnectorCapabilities;
  /**
   * Set where the agent holds its own commands and edits in a sandbox, which was tried out here: how strictly. It is then not put
   * into ours where ours leaves no room for another one.
   */
  sandbox?: 'workspace-write' | 'read-only';
  /** What is in the way, each with what to do about it. */
  problems: { message: string; hint: string }[];
}

/**
 * Drives one kind of agent. Version 1 of the published contract.
 *
 * A connector must
 * - end `run` with exactly one `result`, also after an abort, and yield nothing after it;
 * - leave no process behind, whatever way a run ends, including the consumer leaving the iteration early;
 * - start every process of a run through `io.processes`, with the attempt's marker, so that the supervisor and the sweep see it;
 * - take a refused, missing or failed answer of `decide` as no, and let its agent act only after a yes;
 * - obey the limits, and `io.signal` also while nobody takes an event or an answer is waited for; the failure that the signal
 *   carries, or `cancelled` without one, is the result's;
 * - measure time by `io.clock`, count silence as a stall only while no answer of `decide` is waited for;
 * - let the consumer set the pace: read on when an event was taken, and keep a bounded part of what the agent says;
 * - keep what belongs to a run inside the run: several go on at once;
 * - hand every line that goes in or out to `io.raw`.
 *
 * A connector must not
 * - throw for an agent's failure: that is a value. It throws only for a defect of its caller, such as an unchecked config;
 * - put a secret into an event, an error or a summary;
 * - write outside the workspace (through the agent), `scratch` and `sessionFolder`;
 * - read the environment of its own process: everything comes in the request;
 * - believe the agent's words about success where there is a harder sign, such as an exit code;
 * - wait in place, as `spawnSync` does, or work so long at a stretch that other runs stand still;
 * - change the request, or use it after the run.
 *
 * `@signalbox/connectors/conformance` shows most of this by test.
 */
export interface Connector {
  readonly apiVersion: 1;
  /** Unique, lower case: `claude-code`, `command`. */
  readonly id: string;
  /** `cli` drives a command line program, `protocol` speaks a protocol that several agents share. */
  readonly kind: 'cli' | 'protocol';
  /** One line for a person. */
  readonly summary: string;
  /** JSON Schema (draft 7) of {@link RunRequest.config}. Must refuse unknown members. */
  readonly configSchema: JsonObject;
  /** The most the connector can do; `probe` says what is real here. */
  readonly capabilities: ConnectorCapabilities;
  /**
   * Which amounts of {@link Usage} a run tells, and when. An AI gets no task whose budget limits what is never told. Default:
   * `end` for each with the capability `usage`, else `never`.
   */
  readonly tells?: { readonly usd: Telling; readonly tokens: Telling; readonly turns: Telling };
  /** Names of environment variables that the agent needs beyond the common allow-list. An entry may end with `*`. */
  readonly environmentNames: readonly string[];
  /**
   * Folders that the agent writes to besides the workspace, `scratch` and `sessionFolder`, as its configuration names them.
   * Absolute; a sandbox lets it.
   */
  folders?(config: JsonObject): readonly string[];
  /** Says what is installed and usable. Must not change anything, use the network or take over ten seconds. Never rejects. */
  probe(context: ProbeContext): Promise<ProbeReport>;
  /** Does one attempt. See the rules above; iterate it to the end, or leave early to have it stopped. */
  run(request: RunRequest, io: RunIo): AsyncIterable<AgentEvent>;
}
