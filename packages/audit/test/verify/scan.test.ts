import { describe, expect, it } from '@jest/globals';
import { canonicalJson, type JsonObject } from '@signalbox/kernel';
import fc from 'fast-check';
import { formatEntry, NO_LEAF } from '../../src/ledger/entry.js';
import { writeJson } from '../../src/ledger/write-json.js';
import { packHash } from '../../src/merkle/leaf.js';
import { createScan, scanEntry } from '../../src/verify/scan-entry.js';
import { scanObject } from '../../src/verify/scan-json.js';

const place = { seq: 7, id: 'ent_1', time: '2026-01-01T00:00:00.000Z', source: 'signalbox', previousLeaf: NO_LEAF };
const line = (data: JsonObject, subject = 'task/tsk_1'): string =>
  formatEntry({ kind: 'task.claimed', actor: 'user:ana', subject, data }, place);
const scans = (text: string, seq = 7): boolean => scanEntry(Buffer.from(text), 0, seq, packHash(NO_LEAF), createScan());
const isObject = (text: string): boolean => {
  const bytes = Buffer.from(text);
  return scanObject(bytes, 0) === bytes.length;
};
const jsonObject = fc
  .dictionary(fc.string(), fc.jsonValue())
  .map((value) => JSON.parse(JSON.stringify(value)) as JsonObject);

describe('the quick scan of an entry', () => {
  it.each([
    ['nothing', {}],
    ['escapes', { text: 'a "b" \\ \n\t\u0001\u001f' }],
    ['letters of any script', { title: 'Größe 😀' }],
    ['numbers', { a: 0, b: -1, c: 1.5, d: 1e21, e: 123456789012345, f: -0.001, g: 2 ** 60 }],
    ['lists and literals', { a: [], b: [1, [true, false, null], {}], c: null }],
    ['a task', { task: 'tsk_2' }],
  ])('takes an entry with %s', (_, data) => {
    expect(scans(line(data as JsonObject))).toBe(true);
  });

  it('leaves to the parser what it is not sure of', () => {
    expect(scans(line({ größe: 1 }))).toBe(false);
    expect(scans(line({}, 'task/"x"'))).toBe(false);
    expect(scans(line({ task: 'a\\b' }))).toBe(false);
    expect(scans(line({}), 8)).toBe(false);
    expect(scans(line({}).replace('sha256:0', 'sha256:1'))).toBe(false);
    expect(scans(line({}).replace('.v1"', '.v2"'))).toBe(false);
    expect(scans(line({}).replace('"time":"2026', '"time":x"2026'))).toBe(false);
    expect(scans(line({}).replace('000007', '00000x'))).toBe(false);
    expect(scans(line({}).replace('{"actor":"user:ana"', '{"actor":""'))).toBe(false);
  });

  it.each([
    ['a space', '{"a": 1}'],
    ['unsorted members', '{"b":1,"a":2}'],
    ['a member twice', '{"a":1,"a":1}'],
    ['a longer key before its beginning', '{"ab":1,"a":1}'],
    ['a needless escape', '{"a":"\\u0041"}'],
    ['an escape with capitals', '{"a":"\\u001F"}'],
    ['a control character that has a letter', '{"a":"\\u000a"}'],
    ['a slash with an escape', '{"a":"\\/"}'],
    ['a number with a plus', '{"a":+1}'],
    ['minus zero', '{"a":-0}'],
    ['a leading zero', '{"a":01}'],
    ['a lone minus', '{"a":-}'],
    ['a trailing zero', '{"a":1.0}'],
    ['a number in another form', '{"a":1E2}'],
    ['a list that does not end', '{"a":[1}'],
    ['a word', '{"a":nil}'],
    ['no colon', '{"a" 1}'],
    ['no end', '{"a":1'],
    ['depth', `{"a":${'['.repeat(80)}${']'.repeat(80)}}`],
  ])('does not take %s for canonical', (_, text) => {
    expect(isObject(text)).toBe(false);
  });

  it('takes nothing that the full parser would not write the same', () => {
    fc.assert(
      fc.property(jsonObject, fc.nat(), fc.integer({ min: 32, max: 126 }), (value, at, char) => {
        const text = canonicalJson(value);
        const place = at % text.length;
        const changed = text.slice(0, place) + String.fromCharCode(char) + text.slice(place + 1);
        if (!isObject(changed)) return true;
        return canonicalJson(JSON.parse(changed)) === changed;
      }),
      { seed: 1, numRuns: 3000 },
    );
  });

  it('takes what is canonical with plain keys', () => {
    const plain = fc.dictionary(
      fc.stringMatching(/^[a-z]{1,8}$/),
      fc.oneof(fc.string(), fc.integer(), fc.double({ noNaN: true, noDefaultInfinity: true }), fc.boolean()),
    );
    fc.assert(
      fc.property(plain, (value) => isObject(canonicalJson(value))),
      { seed: 1, numRuns: 1000 },
    );
  });
});

describe('writeJson', () => {
  it('writes what canonicalJson writes', () => {
    fc.assert(
      fc.property(jsonObject, (value) => writeJson(value) === canonicalJson(value)),
      { seed: 1, numRuns: 1000 },
    );
    expect(writeJson({ b: undefined, a: [1, 'x', null, true, false, { c: -0 }] })).toBe(
      '{"a":[1,"x",null,true,false,{"c":0}]}',
    );
  });

  it('refuses what canonicalJson refuses', () => {
    for (const value of [{ a: Number.NaN }, { a: new Map() }, { a: [() => 1] }, { a: '\ud800' }]) {
      expect(() => writeJson(value)).toThrow(expect.objectContaining({ code: 'NOT_JSON' }));
    }
  });
});
