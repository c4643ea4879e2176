import { expect, it } from '@jest/globals';
import { counted } from '../src/terminal/counted.js';

it.each([
  [0, 'no entry yet', '0 entries'],
  [1, 'a lone one', '1 entry'],
  [2, 'several', '2 entries'],
])('%p, %s, is "%s"', (count, _what, text) => {
  expect(counted(count, 'entry', 'entries')).toBe(text);
});

it('makes the plural with an s where none is given', () => {
  expect([counted(1, 'file'), counted(2, 'file')]).toEqual(['1 file', '2 files']);
});
