import type { Stdio } from './start-child.js';

/**
 * Lines to the supervisor program, on its standard input: `watch <attempt>`, `done <attempt>`, `sweep <attempt>`,
 * `spawn <JSON>` and `signal <id> <name>`. It answers in lines of JSON on its standard output.
 */
export interface SpawnRequest {
  id: number;
  argv: readonly string[];
  cwd: string;
  environment: Record<string, string>;
  stdio: Stdio;
  isLauncher?: boolean;
  /** Path of the socket to connect to, once for each `pipe` in `stdio`. */
  socket: string;
  /** What each connection begins with, followed by its place in `stdio`, so that we know which is which and whose. */
  token: string;
}

export type HelperAnswer =
  | { type: 'ready' }
  | { type: 'swept'; attempt: string }
  | { type: 'started'; id: number; pid: number; startedAt: string }
  | { type: 'failed'; id: number; message: string }
  | { type: 'exited'; id: number; code: number | null; signal: string | null };

/** Characters of a token: 128 random bits in hexadecimal. */
export const TOKEN_LENGTH = 32;

/** What a connection begins with: {@link TOKEN_LENGTH} + 1 bytes. */
export const greeting = (token: string, place: number): string => `${token}${place}`;
