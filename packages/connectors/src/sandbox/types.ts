/** What a child may do, as bubblewrap holds it. All paths are absolute; one that is not there is left out. */
export interface Sandbox {
  /** The bubblewrap program. */
  program: string;
  /** What may be written to. Everything else is read-only, or not to be seen. */
  writable: readonly string[];
  /** What stays readable where that around it is hidden, and read-only where that around it is writable. */
  readable: readonly string[];
  /** What is not to be seen: an empty folder, or an empty file, stands in its place. */
  hidden: readonly string[];
  /** False: there is no network but a loopback of its own. */
  network: boolean;
}

export type SandboxProbe =
  | {
      works: true;
      /** The bubblewrap program. Absolute. */
      program: string;
      version: string | null;
      /** Whether a program with a sandbox of its own can set that up inside of ours. */
      nests: boolean;
    }
  | {
      works: false;
      /** The rest of a sentence, without a full stop. */
      reason: string;
      /** What to do about it: sentences. */
      hint: string;
    };
