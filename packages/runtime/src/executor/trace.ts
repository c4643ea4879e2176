import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { redactText } from '@signalbox/audit';
import { type Clock, isoTime } from '@signalbox/kernel';

/** One attempt's file of everything that was said and asked, a JSON line each, redacted before it touches the disk. */
export interface Trace {
  readonly file: string;
  write(kind: string, fields: Record<string, unknown>): void;
  close(): Promise<void>;
}

export function openTrace(folder: string, attempt: string, clock: Clock): Trace {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const file = join(folder, `${attempt}.jsonl`);
  const stream = createWriteStream(file, { flags: 'a', mode: 0o600 });
  return {
    file,
    write: (kind, fields) => {
      stream.write(`${redactText(JSON.stringify({ time: isoTime(clock.now()), kind, ...fields }))}\n`);
    },
    close: () =>
      new Promise((resolve, reject) => {
        stream.once('error', reject);
        stream.end(resolve);
      }),
  };
}
