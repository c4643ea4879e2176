import { appendFileSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { createFakeClock, createTempDir, type FakeClock, type TempDir } from '@signalbox/testkit';
import {
  createRedactor,
  openTrace,
  readTrace,
  type Trace,
  type TraceOptions,
  type TraceRecord,
} from '../../src/index.js';

let dir: TempDir;
let clock: FakeClock;
beforeEach(() => {
  dir = createTempDir();
  clock = createFakeClock();
});
afterEach(() => dir.remove());

const SECRET = ['hunter2', 'correct', 'horse'].join('-');
const TOKEN = ['ghp_', 'x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi'].join('');
const KEY_LINES = Array.from(
  { length: 6 },
  (_, i) => `${'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cK'}${i}`,
);
const PEM = ['-----BEGIN PRIVATE KEY-----', ...KEY_LINES, 'abc=', '-----END PRIVATE KEY-----'].join('\n');

const open = (options: Partial<TraceOptions> = {}): Trace =>
  openTrace(dir.path, 'att_1', { clock, redactor: createRedactor({ secrets: [SECRET] }), ...options });
const read = async (): Promise<TraceRecord[]> => {
  const records: TraceRecord[] = [];
  for await (const record of readTrace(dir.path, 'att_1')) records.push(record);
  return records;
};
const onDisk = (): string =>
  readdirSync(dir.path)
    .map((name) => readFileSync(join(dir.path, name), 'utf8'))
    .join('');

describe('a trace', () => {
  it('keeps everything in order, with its time', async () => {
    const trace = open();
    trace.write('prompt', { text: 'Do it' });
    await clock.advance(5);
    trace.write('versions', { versions: { node: '20' } });
    trace.write('permission.asked', { id: 'p1', request: { action: 'shell.run', command: 'ls' } });
    trace.write('permission.answered', { id: 'p1', answer: { allow: true } });
    trace.write('event', { raw: '{"type":"x"}', parsed: { type: 'x' } });
    trace.write('timing', { what: 'agent', ms: 12 });
    trace.raw('stdout', 'one\ntwo');
    await trace.close();
    const records = await read();
    expect(records.map(({ type }) => type)).toEqual([
      'prompt',
      'versions',
      'permission.asked',
      'permission.answered',
      'event',
      'timing',
      'raw',
      'raw',
    ]);
    expect(records[0]).toEqual({ at: '2026-01-01T00:00:00.000Z', type: 'prompt', text: 'Do it' });
    expect(records[4]).toEqual({
      at: '2026-01-01T00:00:00.005Z',
      type: 'event',
      raw: '{"type":"x"}',
      parsed: { type: 'x' },
    });
    expect(records.slice(-2).map(({ text }) => text)).toEqual(['one', 'two']);
    expect(statSync(trace.file).mode & 0o777).toBe(0o600);
  });

  it('writes each record at once', () => {
    const trace = open();
    trace.write('note', { text: 'first' });
    expect(onDisk()).toContain('first');
    return trace.close();
  });

  it('keeps names of variables and no values', async () => {
    const trace = open();
    trace.write('environment', { names: ['PATH', 'FOO=a=b'] });
    await trace.close();
    expect((await read())[0]).toMatchObject({ names: ['PATH', 'FOO'] });
  });

  it('lets nobody set its own fields, and notes what JSON cannot carry', async () => {
    const trace = open();
    trace.write('note', { text: 'x', type: 'fake', at: 'never' } as { text: string });
    const circle: Record<string, unknown> = {};
    circle['self'] = circle;
    trace.write('event', { raw: '', parsed: circle });
    await trace.close();
    expect((await read()).map(({ type, at }) => [type, at])).toEqual([
      ['note', '2026-01-01T00:00:00.000Z'],
      ['event', '2026-01-01T00:00:00.000Z'],
    ]);
  });

  it('refuses a name that leads elsewhere, and knows when there is none', async () => {
    expect(() => openTrace(dir.path, '../x', { clock })).toThrow(expect.objectContaining({ code: 'TRACE_FAILED' }));
    await expect(read()).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('says at the end that the disk failed, and does not disturb before', async () => {
    const folder = join(dir.path, 'att_1.2.jsonl');
    const trace = open({ rotateBytes: 100 });
    trace.write('note', { text: 'a'.repeat(50) });
    mkdirSync(folder); // in the place of the next part
    trace.write('note', { text: 'b'.repeat(50) });
    trace.write('note', { text: 'c' });
    await expect(trace.close()).rejects.toMatchObject({ code: 'TRACE_FAILED' });
    await expect(trace.close()).rejects.toMatchObject({ code: 'TRACE_FAILED' });
    trace.write('note', { text: 'late' });
    expect(readFileSync(trace.file, 'utf8')).not.toContain('late');
  });
});

describe('redaction of a trace', () => {
  it('finds a secret in every field and key', async () => {
    const trace = open();
    trace.write('prompt', { text: `use ${TOKEN} and ${SECRET}` });
    trace.write('event', { raw: JSON.stringify({ [SECRET]: `x"${SECRET}` }), parsed: { [SECRET]: [SECRET] } });
    trace.write('environment', { names: [SECRET] });
    await trace.close();
    expect(onDisk()).not.toContain(SECRET);
    expect(onDisk()).not.toContain(TOKEN);
    expect(await read()).toHaveLength(3);
  });

  it('finds a secret wherever a chunk of raw output ends', async () => {
    const text = `before ${TOKEN} between ${SECRET} é after\n`;
    const bytes = Buffer.from(text);
    for (let cut = 1; cut < bytes.length; cut++) {
      const trace = open();
      trace.raw('stdout', bytes.subarray(0, cut));
      trace.raw('stderr', 'other\n');
      trace.raw('stdout', bytes.subarray(cut));
      await trace.close();
    }
    expect(onDisk()).not.toContain(SECRET.slice(0, 10));
    expect(onDisk()).not.toContain(TOKEN.slice(0, 10));
    const stdout = (await read()).filter(({ stream }) => stream === 'stdout');
    expect(new Set(stdout.map((record) => record['text'])).size).toBe(1);
    expect(stdout[0]?.['text']).toMatch(
      /^before \[redacted:github-token:\w{8}\] between \[redacted:known-secret:\w{8}\] é after$/,
    );
  });

  it('finds a private key over many lines, also without its beginning or its end', async () => {
    const lines = PEM.split('\n');
    for (const part of [lines, lines.slice(2), lines.slice(0, 5)]) {
      const trace = open();
      for (const line of ['start', ...part, 'plain words follow']) trace.raw('stdout', `${line}\n`);
      await trace.close();
    }
    const withoutMarks = openTrace(dir.path, 'att_2', { clock });
    withoutMarks.raw('stdout', `${KEY_LINES[0]}\nend\n`);
    await withoutMarks.close();
    const text = (await read()).map((record) => record['text']).join('\n');
    for (const line of KEY_LINES) expect(text).not.toContain(line);
    expect(text.match(/plain words follow/g)).toHaveLength(3);
  });

  it('holds a key back only so long', async () => {
    const trace = open();
    trace.raw('stdout', `-----BEGIN PRIVATE KEY-----\n${'QUJD\n'.repeat(600)}`);
    expect((await read()).length).toBeGreaterThan(0);
    await trace.close();
    expect(onDisk()).not.toContain('QUJD\\nQUJD');
  });

  it('cuts an endless line, leaving no half of a secret', async () => {
    const length = 256 * 1024;
    for (const shift of [0, 5, 10, 4_000, 4_096, 4_100]) {
      const trace = open();
      const line = `${'word '.repeat(60_000).slice(0, length - shift)}${TOKEN}${'.'.repeat(10_000)}`;
      for (let at = 0; at < line.length; at += 50_000) trace.raw('stdout', line.slice(at, at + 50_000));
      trace.raw('stdout', 'rest of it\nnext\n');
      await trace.close();
    }
    expect(onDisk()).not.toContain(TOKEN.slice(0, 8));
    const texts = (await read()).map((record) => String(record['text']));
    expect(texts.filter((text) => text === 'next')).toHaveLength(6);
    expect(texts.filter((text) => text.endsWith('characters]'))).toHaveLength(6);
    expect(texts).not.toContain('rest of it');
  });
});

describe('the limits of a trace', () => {
  it('keeps room for what matters, and says how much was dropped', async () => {
    const trace = open({ maxBytes: 8_000 });
    for (let i = 0; i < 200; i++) trace.raw('stdout', `${'noise '.repeat(20)}\n`);
    trace.write('permission.asked', { id: 'p1', request: 'rm' });
    trace.raw('stdout', 'unfinished');
    await trace.close();
    const records = await read();
    const types = records.map(({ type }) => type);
    expect(types.filter((type) => type === 'capped')).toHaveLength(1);
    expect(types).toContain('permission.asked');
    const kept = types.filter((type) => type === 'raw').length;
    expect(records.at(-1)).toMatchObject({ type: 'dropped', records: 201 - kept, bytes: expect.any(Number) });
    expect(onDisk().length).toBeLessThanOrEqual(8_000);
  });

  it('rotates, reads through all parts, and goes on with the last', async () => {
    for (const round of [0, 1]) {
      const trace = open({ rotateBytes: 500 });
      for (let i = 0; i < 10; i++) trace.write('note', { text: `${round}-${i} ${'x'.repeat(60)}` });
      await trace.close();
    }
    const big = open({ rotateBytes: 500 });
    big.write('note', { text: 'y'.repeat(900) });
    await big.close();
    expect(readdirSync(dir.path).length).toBeGreaterThan(4);
    for (const name of readdirSync(dir.path)) expect(statSync(join(dir.path, name)).size).toBeLessThan(1_100);
    const order = (await read()).map(({ text }) => String(text).split(' ')[0]);
    expect(order.slice(0, 20)).toEqual(
      [0, 1].flatMap((round) => Array.from({ length: 10 }, (_, i) => `${round}-${i}`)),
    );
    expect(order).toHaveLength(21);
  });

  it('takes a torn line for what it is, and does not write on in it', async () => {
    const first = open();
    first.write('note', { text: 'whole' });
    await first.close();
    appendFileSync(first.file, '{"at":"2026-01-01T00:00:00.000Z","type":"no');
    expect((await read()).map(({ type }) => type)).toEqual(['note', 'torn']);
    const second = open();
    second.write('note', { text: 'after' });
    await second.close();
    expect((await read()).map(({ type, text, bytes }) => [type, text ?? bytes])).toEqual([
      ['note', 'whole'],
      ['torn', 43],
      ['note', 'after'],
    ]);
    writeFileSync(first.file, '5\n{"at":1}\n\n');
    expect((await read()).map(({ type }) => type)).toEqual(['torn', 'torn']);
  });
});
