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

describe('the lines of a chunk decoded at one go', () => {
  it('are those of the same bytes one by one', () => {
    const text = 'plain\r\n\n\r\ngr\u00fc\u00dfe\nhalf\r';
    const bytes = Buffer.concat([Buffer.from(text), Buffer.from([0xe2, 0x82, 10, 0xff, 10, 0x61])]);
    const whole = createLineSplitter('out');
    const single = createLineSplitter('out');
    const byByte = [...bytes].flatMap((byte) => single.push(Buffer.from([byte])));
    expect([...whole.push(bytes), ...whole.end()]).toEqual([...byByte, ...single.end()]);
    expect(byByte.map((line) => line.text)).toEqual(['plain', '', '', 'gr\u00fc\u00dfe', 'half\r\ufffd', '\ufffd']);
  });

  it('are cut as ever where one is too long', () => {
    const texts = createLineSplitter('out', 3).push(Buffer.from('12345\n12\n1234\n'));
    expect(texts).toEqual([
      { stream: 'out', text: '123', cut: 'long' },
      { stream: 'out', text: '12' },
      { stream: 'out', text: '123', cut: 'long' },
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
  it('holds the pipe back also when the lines are empty', async () => {
    const pipe = new PassThrough();
    const queue = createLineQueue([{ stream: 'out', pipe }]);
    const lines = Buffer.alloc(200_000, '\n');
    pipe.write(lines);
    while (!pipe.isPaused()) await new Promise((resolve) => setImmediate(resolve));
    pipe.end();
    let count = 0;
    for await (const { text } of queue.lines()) count += text === '' ? 1 : 0;
    expect(count).toBe(200_000);
  });

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
