import { followFiles, type OutputFile } from './file-lines.js';
import { fileTail } from './file-tail.js';
import { createLineQueue } from './line-queue.js';
import type { OpenChild, OpenedChild } from './open-child.js';
import { createTail } from './tail.js';
import type { RunningProcess, SpawnOptions } from './types.js';

const ERROR_TAIL_BYTES = 8 * 1024;

type Output = Pick<RunningProcess, 'lines' | 'errorTail'>;

/** Starts a child whose output is read line by line, from pipes or from the files that it writes. */
export async function spawnForLines(open: OpenChild, options: SpawnOptions): Promise<RunningProcess> {
  const { outputFile, errorFile = outputFile } = options;
  const [child, output] =
    outputFile === undefined || errorFile === undefined
      ? await openWithPipes(open, options)
      : await openWithFiles(open, options, outputFile, errorFile);
  const { pid, startedAt, stdin, tree } = child;
  stdin?.on('error', () => {}); // the exit tells
  return { pid, startedAt, ...(stdin ? { stdin } : {}), ...output, ...tree };
}

async function openWithPipes(open: OpenChild, options: SpawnOptions): Promise<[OpenedChild, Output]> {
  const child = await open(options, [options.stdin, 'pipe', 'pipe']);
  const { stdout, stderr, tree } = child;
  const errors = createTail(ERROR_TAIL_BYTES);
  stderr?.on('data', (chunk: Buffer) => errors.push(chunk));
  const queue = createLineQueue([
    ...(stdout ? [{ stream: 'out', pipe: stdout } as const] : []),
    ...(stderr ? [{ stream: 'err', pipe: stderr } as const] : []),
  ]);
  void tree.gone.then(queue.finish);
  return [child, { lines: queue.lines, errorTail: () => errors.bytes().toString('utf8') }];
}

async function openWithFiles(
  open: OpenChild,
  options: SpawnOptions,
  outputFile: string,
  errorFile: string,
): Promise<[OpenedChild, Output]> {
  const files: OutputFile[] = [{ stream: 'out', path: outputFile }];
  if (errorFile !== outputFile) files.push({ stream: 'err', path: errorFile });
  const following = followFiles(files);
  const child = await open(options, [options.stdin, { file: outputFile }, { file: errorFile }]);
  void child.tree.gone.then(following.finish);
  return [child, { lines: following.lines, errorTail: () => fileTail(errorFile, ERROR_TAIL_BYTES) }];
}
