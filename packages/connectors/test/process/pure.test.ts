import { PassThrough } from 'node:stream';
import { describe, expect, it } from '@jest/globals';
import { createLineQueue } from '../../src/process/line-queue.js';
import { createLineSplitter } from '../../src/process/line-splitter.js';
import { createTail } from '../../src/process/tail.js';

describe('the line splitter', () => {
  it('joins a line, and a character, from several chunks', () => {
    const splitter = createLineSplitter('out');
    const bytes = Buffer.from('grüße\n');
    expect(splitter.push(bytes.subarray(0, 3))).toEqual([]);
    expect(splitter.push(bytes.subarray(3))).toEqual([{ stream: 'out', text: 'grüße' }]);
    expect(splitter.end()).toEqual([]);
  });

  it('gives empty lines', () => {
    const texts = createLineSplitter('err').push(Buffer.from('\n\na\n'));
    expect(texts.map((line) => line.text)).toEqual(['', '', 'a']);
  });

  it('cuts a line that is too long, marks it and goes on after it', () => {
    const splitter = createLineSplitter('out', 4);
    expect(splitter.push(Buffer.from('1234'))).toEqual([]);
    expect(splitter.push(Buffer.from('56'))).toEqual([]);
    expect(splitter.push(Buffer.from('7\nok\n'))).toEqual([
      { stream: 'out', text: '1234', cut: 'long' },
      { stream: 'out', text: 'ok' },
    ]);
  });
});

describe('a tail', () => {
  it('keeps the last bytes and counts the others', () => {
    const tail = createTail(5);
    for (const text of ['ab', 'cdefghijkl', 'm', 'n']) tail.push(Buffer.from(text));
    expect([tail.bytes().toString(), tail.dropped()]).toEqual(['jklmn', 9]);
    tail.push(Buffer.from('o'));
    expect([tail.bytes().toString(), tail.dropped()]).toEqual(['klmno', 10]);
  });
});

describe('the queue of lines', () => {
  it('holds the pipe back while nobody reads, and closes it only when all was read', async () => {
    const pipe = new PassThrough();
    const queue = createLineQueue([{ stream: 'out', pipe }]);
    const line = `${'x'.repeat(1024 * 1024 - 1)}\n`;
    for (let i = 0; i < 8; i++) pipe.write(line);
    const closed = new Promise((resolve) => pipe.once('close', resolve));
    while (!pipe.isPaused()) await new Promise((resolve) => setImmediate(resolve));
    queue.finish(); // the tree is gone, but its writer never closed the pipe
    let count = 0;
    for await (const { text } of queue.lines()) {
      expect(text.length).toBe(1024 * 1024 - 1);
      count++;
    }
    await closed;
    expect(count).toBe(8);
  });
});
