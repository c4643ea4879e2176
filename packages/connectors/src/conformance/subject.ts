import type { JsonObject } from '@signalbox/kernel';
import type { Connector } from '../contract.js';

/**
 * What an agent can be made to do. Each agent first says `stage.word`, unless told otherwise.
 *
 * - `succeeds`, `fails`: says so, and exits accordingly; changes nothing in the workspace.
 * - `lies`: claims success and exits with an error.
 * - `says-nothing`: exits with 0 and has claimed nothing.
 * - `crashes`: kills itself. `half-line`: kills itself inside a line.
 * - `garbage`: prints what is not its language, then succeeds.
 * - `silent`: is started and never says a word. `hangs`: says its word and nothing after it.
 * - `talks-on`: says its word again and again. `lingers`: claims success and stays.
 * - `floods`: prints `stage.floodBytes`, counting in `files.progress`, then succeeds.
 * - `ignores-signals`: hangs, and only SIGKILL ends it.
 * - `leaves-processes`: starts some of its own, tells their pids in `files.report`, and succeeds.
 * - `echoes-secrets`: says `stage.secret`, on both outputs, and fails with it.
 * - `asks`: asks for permission; on a yes it writes `files.deed`, which lies in the workspace; succeeds in any case.
 * - `waits`: waits for the file `files.go`, then says its word again and succeeds.
 * - `missing-program`: there is no such program.
 */
export type Situation =
  | 'succeeds'
  | 'fails'
  | 'lies'
  | 'says-nothing'
  | 'crashes'
  | 'half-line'
  | 'garbage'
  | 'silent'
  | 'hangs'
  | 'talks-on'
  | 'lingers'
  | 'floods'
  | 'ignores-signals'
  | 'leaves-processes'
  | 'echoes-secrets'
  | 'asks'
  | 'waits'
  | 'missing-program';

/** Where a scenario takes place: made for one run, removed after it. All paths are absolute. */
export interface Stage {
  /** For the stand-in's own files. */
  folder: string;
  /** The agent's working directory. */
  workspace: string;
  /** What the agent has to say; another for each run. */
  word: string;
  /** The value of {@link SECRET_VARIABLE} in the agent's environment. */
  secret: string;
  floodBytes: number;
  files: {
    /** To which a stand-in appends lines of JSON: `{ pid, environment }` at its start, `{ pid }` for what it starts. */
    report: string;
    deed: string;
    go: string;
    /** Bytes printed so far, as a decimal number. */
    progress: string;
  };
}

/** The environment variable that holds a secret in every run of the suite. */
export const SECRET_VARIABLE = 'SIGNALBOX_CONFORMANCE_TOKEN';

/** How a run brings the agent into a situation. */
export interface Scenario {
  config: JsonObject;
  /** Beyond PATH, HOME, TMPDIR and the secret. */
  environment?: Record<string, string>;
  prompt?: string;
  run?: { argv: string[] } | { shell: string };
}

/** Sets a scenario up, or is the reason why the agent cannot get into that situation: one sentence. */
export type ScenarioOrReason = ((stage: Stage) => Scenario) | string;

export type Scenarios = { readonly [situation in Situation]?: ScenarioOrReason };

/** What is tested. Without scenarios only what needs no agent is. */
export interface ConformanceSubject {
  connector: Connector;
  /** A configuration that the connector accepts. Default: an empty one. */
  config?: JsonObject;
  scenarios?: Scenarios;
}

export interface ConformanceOptions {
  /**
   * Real milliseconds after which something that must happen counts as not happening. Default: 20000. A hang costs this much;
   * less than 5000 may fail a good connector on a busy machine.
   */
  patienceMs?: number;
  /** How much a flooding agent prints, in bytes. Default: 100 MiB; with less than 64 MiB hoarding is not noticed. */
  floodBytes?: number;
  /** Names of the cases to run. Default: all. */
  only?: readonly string[];
}
