import type { Writable } from 'node:stream';

/** Whose a process is. Every child carries it as `SIGNALBOX_ATTEMPT` and `SIGNALBOX_AI`, and so do its descendants. */
export interface AttemptMarker {
  /** Attempt id: letters, digits, `_`, `-`, `.`, `:`. */
  attempt: string;
  /** Id of the AI for which it runs. */
  ai: string;
}

/** Names one process for ever, also after its pid is given to another. */
export interface ProcessIdentity {
  pid: number;
  /** Opaque; comparable only on one machine within one boot. */
  startTime: string;
}

export interface ExitStatus {
  /** Exit code, or null when a signal ended it. */
  code: number | null;
  signal: string | null;
  /**
   * The reason given to `stop`, when it was called before the process ended; else null. Also set when the helper process that
   * had started it died: it was then killed, and how it would have ended is not known.
   */
  stopped: string | null;
}

export interface OutputLine {
  stream: 'out' | 'err';
  /** Without its line ending. Bytes that are not UTF-8 are replaced. */
  text: string;
  /** `half`: the stream ended inside this line. `long`: it passed 32 MiB and the rest of it was dropped. */
  cut?: 'half' | 'long';
}

export interface CommandOptions {
  /** Program and arguments; no shell. The program is looked up in the PATH of `environment`. */
  argv: readonly string[];
  /** Absolute. */
  cwd: string;
  /** Complete; nothing of our own environment is added but the marker. */
  environment: Readonly<Record<string, string>>;
  marker: AttemptMarker;
  /**
   * The program only starts the one that matters, in its own group, and ends as that ends: what `stop` asks of the group before it
   * kills is then not for the program itself. Linux only.
   */
  isLauncher?: boolean;
}

export interface SpawnOptions extends CommandOptions {
  stdin: 'ignore' | 'pipe';
  /**
   * The outputs are appended to this file by the child itself, at the speed of the disk, instead of passing through us. The
   * lines are then read from the file as it grows, and a reader that pauses does not slow the child. Raw bytes: keep it where
   * nobody else reads, and delete it.
   */
  outputFile?: string;
  /** With `outputFile`: the error output goes here instead. Without this, its lines count as output. */
  errorFile?: string;
}

/** A child in its own process group. When it ends, by itself or not, everything it has left running is killed. */
export interface RunningProcess {
  readonly pid: number;
  /** Start time of {@link ProcessIdentity}; empty when the child was gone before it could be read. */
  readonly startedAt: string;
  /** Present with `stdin: 'pipe'`. Errors on it, such as a closed pipe, are swallowed: the exit tells. */
  readonly stdin?: Writable;
  /** Lines of both outputs, each stream in order. Iterate it once and to the end; a reader that pauses slows the child, unless it writes to a file. */
  lines(): AsyncIterable<OutputLine>;
  /** The last 8 KiB of the error output (with `outputFile`: of the file that it goes to). */
  errorTail(): string;
  /** Resolves when the child has ended. Never rejects. */
  readonly exited: Promise<ExitStatus>;
  /** Resolves when the child and everything it left behind has ended. Never rejects. */
  readonly gone: Promise<void>;
  /**
   * Ends the tree: SIGINT, then SIGTERM, then SIGKILL to the group, with a grace between, then the sweep by marker. Resolves
   * like `gone`. Calling it again, or after the end, only waits.
   */
  stop(reason: string): Promise<void>;
}

export interface RunOptions extends CommandOptions {
  /** Milliseconds until the tree is ended; the result then says `timedOut`. */
  timeoutMs: number;
  /** Ends the tree when aborted. */
  signal?: AbortSignal;
  /** Kept of each output, in bytes. Default: 10 MiB. */
  maxOutputBytes?: number;
  /** Given on standard input; without it the input is empty. */
  input?: string | Uint8Array;
}

export interface RunResult {
  code: number | null;
  signal: string | null;
  /** The last `maxOutputBytes` of each output. */
  stdout: Buffer;
  stderr: Buffer;
  /** Bytes dropped from the start of each output; 0 when all of it is here. */
  dropped: { stdout: number; stderr: number };
  timedOut: boolean;
  aborted: boolean;
  /** By the monotonic clock, until the tree was gone. */
  durationMs: number;
}

/**
 * Starts every child of an attempt, keeps its tree together and leaves nothing behind: neither when a child ends, nor when
 * this process is killed (a supervisor process then ends the trees).
 *
 * Children with one marker may run side by side; what they leave behind is swept when the last of them has ended.
 */
export interface ProcessRunner {
  /** Starts a child. Throws `SPAWN_FAILED` when the program cannot be started, `RUNNER_CLOSED` after `close`. */
  spawn(options: SpawnOptions): Promise<RunningProcess>;
  /** Runs a command to its end and keeps its output: for checks and set-up. Throws as `spawn` does. */
  run(options: RunOptions): Promise<RunResult>;
  /** Stops every child and lets the supervisor go. Nothing can be started afterwards. */
  close(): Promise<void>;
}
