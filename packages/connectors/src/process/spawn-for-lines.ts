import { closeSync, openSync } from 'node:fs';
import { fileTail } from './file-tail.js';
import { createLineQueue } from './line-queue.js';
import type { OpenChild } from './open-child.js';
import { createTail } from './tail.js';
import type { RunningProcess, SpawnOptions } from './types.js';

const ERROR_TAIL_BYTES = 8 * 1024;

/** Starts a child whose output is read line by line, or goes to a file. */
export async function spawnForLines(open: OpenChild, options: SpawnOptions): Promise<RunningProcess> {
  const { outputFile } = options;
  const file = outputFile === undefined ? undefined : openSync(outputFile, 'a');
  try {
    const { child, startedAt, tree } = await open(options, [options.stdin, file ?? 'pipe', file ?? 'pipe']);
    const errors = createTail(ERROR_TAIL_BYTES);
    child.stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
    child.stdin?.on('error', () => {}); // the exit tells
    const queue = createLineQueue([
      ...(child.stdout ? [{ stream: 'out', pipe: child.stdout } as const] : []),
      ...(child.stderr ? [{ stream: 'err', pipe: child.stderr } as const] : []),
    ]);
    void tree.gone.then(queue.finish);
    return {
      pid: child.pid,
      startedAt,
      ...(child.stdin ? { stdin: child.stdin } : {}),
      lines: queue.lines,
      errorTail: () =>
        outputFile === undefined ? errors.bytes().toString('utf8') : fileTail(outputFile, ERROR_TAIL_BYTES),
      ...tree,
    };
  } finally {
    if (file !== undefined) closeSync(file);
  }
}
