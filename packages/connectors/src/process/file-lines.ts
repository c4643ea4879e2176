import { closeSync, fstatSync, openSync, read, statSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { promisify } from 'node:util';
import { iterateBatches } from './line-batches.js';
import { createLineSplitter } from './line-splitter.js';
import type { OutputLine } from './types.js';

const readAt = promisify(read);
const CHUNK_BYTES = 256 * 1024;
// Milliseconds between two looks at a file that has not grown. Each look is one fstat, some microseconds.
const SHORTEST_MS = 5;
const LONGEST_MS = 50;

/** One output of a child that goes to a file. */
export interface OutputFile {
  stream: 'out' | 'err';
  path: string;
}

export interface FileLines {
  /** The lines behind the place where the files ended when the following began, as the files grow. */
  lines(): AsyncIterable<OutputLine>;
  /** Call when nobody writes any more: the lines then end where the files do. */
  finish(): void;
}

/**
 * Follows files that a child writes. Reading is up to the reader: it never slows the child, and what is not yet read stays in
 * the file. Looks again after 5 to 50 ms while nothing comes, since notifications of file systems are not to be relied on.
 */
export function followFiles(files: readonly OutputFile[]): FileLines {
  const sizes = files.map(({ path }) => statSync(path, { throwIfNoEntry: false })?.size ?? 0);
  let finished: () => void = () => {};
  let isFinished = false;
  const end = new Promise<void>((resolve) => {
    finished = resolve;
  });
  const nextBatch = async (followed: readonly Followed[]): Promise<OutputLine[]> => {
    for (let idle = SHORTEST_MS; ; idle = Math.min(idle * 2, LONGEST_MS)) {
      const isLast = isFinished; // before the look: what was written before the end is then seen
      const lines: OutputLine[] = [];
      let grew = false;
      for (const file of followed) grew = (await file.readMore(lines)) || grew;
      if (lines.length > 0) return lines;
      if (grew) idle = SHORTEST_MS / 2;
      else if (isLast) return followed.flatMap((file) => file.rest());
      else await waitFor(end, idle);
    }
  };
  return {
    lines() {
      const followed = files.map((file, index) => openFollowed(file, sizes[index] ?? 0));
      return iterateBatches(
        () => nextBatch(followed),
        () => {
          for (const file of followed) file.close();
        },
      );
    },
    finish() {
      isFinished = true;
      finished();
    },
  };
}

interface Followed {
  /** Adds the lines of the next chunk; false when there is none yet. */
  readMore(lines: OutputLine[]): Promise<boolean>;
  /** The line that the file ends in. */
  rest(): OutputLine[];
  close(): void;
}

function openFollowed({ stream, path }: OutputFile, begin: number): Followed {
  const file = openSync(path, 'r');
  const splitter = createLineSplitter(stream);
  let position = begin;
  let isOpen = true;
  return {
    async readMore(lines) {
      if (!isOpen || fstatSync(file).size <= position) return false;
      const chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      const { bytesRead } = await readAt(file, chunk, 0, CHUNK_BYTES, position);
      position += bytesRead;
      for (const line of splitter.push(chunk.subarray(0, bytesRead))) lines.push(line);
      return bytesRead > 0;
    },
    rest: () => splitter.end(),
    close() {
      if (isOpen) closeSync(file);
      isOpen = false;
    },
  };
}

async function waitFor(end: Promise<void>, ms: number): Promise<void> {
  const controller = new AbortController();
  await Promise.race([end, pause(ms, undefined, { signal: controller.signal }).catch(() => {})]);
  controller.abort();
}
