import { closeSync, fsyncSync, openSync, renameSync, rmSync, statSync, writeSync } from 'node:fs';
import { usage } from './errors.js';

const BUFFERED = 256 * 1024;

/**
 * Writes lines to a file, one at a time. They are there under its name only once all are, so that an interrupted command
 * leaves what was there before. Throws a usage error if nothing can be written there.
 */
export function writeLines(file: string, lines: Iterable<string>): void {
  const temporary = `${file}.part`;
  const handle = openForWriting(file, temporary);
  try {
    let text = '';
    for (const line of lines) {
      text += `${line}\n`;
      if (text.length < BUFFERED) continue;
      writeAll(handle, text);
      text = '';
    }
    writeAll(handle, text);
    fsyncSync(handle);
    closeSync(handle);
    renameSync(temporary, file);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

function openForWriting(file: string, temporary: string): number {
  try {
    if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) throw new Error('it is a folder');
    return openSync(temporary, 'w');
  } catch {
    throw usage(`${file} cannot be written.`, 'Name a file in a folder that exists, with --out.');
  }
}

function writeAll(handle: number, text: string): void {
  const bytes = Buffer.from(text);
  for (let at = 0; at < bytes.length; ) at += writeSync(handle, bytes, at);
}
