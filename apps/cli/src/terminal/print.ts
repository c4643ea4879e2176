import type { CommonOptions, Io } from '../io.js';
import { safeCopy } from './safe-text.js';

/** Prints one JSON document with `--json`, else what `human` makes of it, which gets it with every text safe to show. */
export function print<T>(io: Io, options: CommonOptions, value: T, human: (value: T) => string): void {
  if (options.json) {
    io.stdout.write(`${JSON.stringify(value)}\n`);
    return;
  }
  const text = human(safeCopy(value));
  io.stdout.write(text.endsWith('\n') ? text : `${text}\n`);
}
