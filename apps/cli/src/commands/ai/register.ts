import type { Json, JsonObject } from '@signalbox/kernel';
import { registerAI } from '@signalbox/runtime';
import type { CommonOptions, Io } from '../../io.js';
import { parseInteger, parsePairs } from '../../parse.js';
import { print } from '../../terminal/print.js';
import { safeText } from '../../terminal/safe-text.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

export interface RegisterOptions extends CommonOptions {
  connector: string;
  name?: string;
  label?: string[];
  capability?: string[];
  maxConcurrent?: string;
  config?: string[];
}

export async function register(io: Io, id: string, options: RegisterOptions): Promise<void> {
  const draft = {
    id,
    connector: options.connector,
    labels: parsePairs(options.label ?? [], '--label'),
    capabilities: options.capability ?? [],
    maxConcurrent: parseInteger(options.maxConcurrent ?? '1', '--max-concurrent', 1, 1_000),
    config: configOf(options.config ?? []),
    ...(options.name === undefined ? {} : { name: options.name }),
  };
  const { ai, problems } = await withSignalbox(io, options, async (box) => {
    const registered = await registerAI(box.executor, box.actor, draft);
    return registered;
  });
  for (const problem of problems)
    io.stderr.write(`${wrapText(safeText(`${problem.message} ${problem.hint}`), io.columns, 0)}\n`);
  print(io, options, ai, ({ id: named, connector }) => `Registered ${named} (${connector}).`);
}

/** A value that is JSON counts as that (numbers, lists, true); anything else is text. */
export function configOf(pairs: readonly string[]): JsonObject {
  return Object.fromEntries(
    Object.entries(parsePairs(pairs, '--config')).map(([key, text]) => [key, jsonOrText(text)]),
  );
}

function jsonOrText(text: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    return text;
  }
}
