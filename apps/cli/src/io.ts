/** What a command sees of the world: a test gives its own. */
export interface Io {
  stdout: { write(text: string): unknown };
  stderr: { write(text: string): unknown };
  stdin: AsyncIterable<Uint8Array | string>;
  cwd: string;
  environment: NodeJS.ProcessEnv;
  isTerminal: boolean;
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
