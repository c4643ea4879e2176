import { createInterface } from 'node:readline';

/** What a command sees of the world: a test gives its own. */
export interface Io {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  stdin: NodeJS.ReadableStream;
  cwd: string;
  environment: NodeJS.ProcessEnv;
  isTerminal: boolean;
  /** Whether standard error is a terminal on which lines can be drawn anew. Default: no. */
  liveTerminal?: boolean;
  columns: number;
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
}

/** Options that every command takes. */
export interface CommonOptions {
  json?: boolean;
  root?: string;
}

/** Everything that standard input holds. */
export async function readAll(stdin: Io['stdin']): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of stdin) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString('utf8');
}

/** The next line of standard input; null when it ends before there is one, or on Ctrl-C. */
export function readLine({ stdin, signal }: Pick<Io, 'stdin' | 'signal'>): Promise<string | null> {
  // Not as a terminal: that would take Ctrl-C away from the program.
  const reader = createInterface({ input: stdin, terminal: false });
  const close = (): void => reader.close();
  return new Promise<string | null>((resolve) => {
    reader.once('line', (line) => {
      resolve(line);
      close();
    });
    reader.once('close', () => resolve(null));
    signal.addEventListener('abort', close, { once: true });
    if (signal.aborted) close();
  }).finally(() => signal.removeEventListener('abort', close));
}
