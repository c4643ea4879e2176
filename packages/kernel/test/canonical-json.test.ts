import { describe, expect, it } from '@jest/globals';
import { canonicalJson, digestOf, sha256 } from '../src/index.js';

/** The IEEE 754 double with these bits. */
function double(hex: string): number {
  return Buffer.from(hex, 'hex').readDoubleBE();
}

const notJson = (path: string) =>
  expect.objectContaining({
    code: 'NOT_JSON',
    message: expect.stringMatching(`^${path.replace(/[$.[\]]/g, '\\$&')} is `),
  });

describe('canonicalJson', () => {
  // RFC 8785, appendix B.
  it.each([
    ['0000000000000000', '0'],
    ['8000000000000000', '0'],
    ['0000000000000001', '5e-324'],
    ['8000000000000001', '-5e-324'],
    ['7fefffffffffffff', '1.7976931348623157e+308'],
    ['ffefffffffffffff', '-1.7976931348623157e+308'],
    ['4340000000000000', '9007199254740992'],
    ['c340000000000000', '-9007199254740992'],
    ['4430000000000000', '295147905179352830000'],
    ['44b52d02c7e14af5', '9.999999999999997e+22'],
    ['44b52d02c7e14af6', '1e+23'],
    ['44b52d02c7e14af7', '1.0000000000000001e+23'],
    ['444b1ae4d6e2ef4e', '999999999999999700000'],
    ['444b1ae4d6e2ef4f', '999999999999999900000'],
    ['444b1ae4d6e2ef50', '1e+21'],
    ['3eb0c6f7a0b5ed8c', '9.999999999999997e-7'],
    ['3eb0c6f7a0b5ed8d', '0.000001'],
    ['41b3de4355555553', '333333333.3333332'],
    ['41b3de4355555554', '333333333.33333325'],
    ['41b3de4355555555', '333333333.3333333'],
    ['41b3de4355555556', '333333333.3333334'],
    ['41b3de4355555557', '333333333.33333343'],
    ['becbf647612f3696', '-0.0000033333333333333333'],
    ['43143ff3c1cb0959', '1424953923781206.2'],
  ])('writes the double %s as %s', (bits, text) => {
    expect(canonicalJson(double(bits))).toBe(text);
  });

  it.each(['7fffffffffffffff', '7ff0000000000000', 'fff0000000000000'])('refuses the double %s', (bits) => {
    expect(() => canonicalJson([double(bits)])).toThrow(notJson('$[0]'));
  });

  it('writes the example of RFC 8785 §3.2.2', () => {
    const input = String.raw`{
      "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
      "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
      "literals": [null, true, false]
    }`;
    expect(canonicalJson(JSON.parse(input))).toBe(
      String.raw`{"literals":[null,true,false],"numbers":[333333333.3333333,1e+30,4.5,0.002,1e-27],"string":"€$\u000f\nA'B\"\\\\\"/"}`,
    );
  });

  it('sorts members by UTF-16 code units, as the example of RFC 8785 §3.2.3 does', () => {
    const input = '{"\\u20ac":1,"\\r":2,"\\ufb33":3,"1":4,"\\ud83d\\ude00":5,"\\u0080":6,"\\u00f6":7}';
    expect(Object.values(JSON.parse(canonicalJson(JSON.parse(input))))).toHaveLength(7);
    expect(canonicalJson(JSON.parse(input))).toBe('{"\\r":2,"1":4,"\u0080":6,"ö":7,"€":1,"😀":5,"\ufb33":3}');
  });

  it('sorts members at every depth and keeps the order of lists', () => {
    expect(canonicalJson({ b: [{ d: 1, c: 2 }, 'x'], a: {} })).toBe('{"a":{},"b":[{"c":2,"d":1},"x"]}');
  });

  it('gives the same text after a round trip', () => {
    const value = { z: [1.5, -0, 'ä\u2028'], a: { '': null, k: true } };
    expect(canonicalJson(JSON.parse(canonicalJson(value)))).toBe(canonicalJson(value));
  });

  it('leaves out members that are undefined, and takes objects without a prototype', () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(canonicalJson(Object.assign(Object.create(null), { x: 1 }))).toBe('{"x":1}');
  });

  it.each([
    ['undefined on its own', undefined, '$'],
    ['undefined in a list', [undefined], '$[0]'],
    ['a function', { a: { f: () => 1 } }, '$.a.f'],
    ['a symbol', [Symbol('s')], '$[0]'],
    ['a bigint', { n: 1n }, '$.n'],
    ['a lone surrogate', { s: '\ud800' }, '$.s'],
    ['a lone surrogate in a key', { '\udc00': 1 }, '$'],
    ['an instance of a class', { when: new Map() }, '$.when'],
  ])('refuses %s and says where it is', (_, value, path) => {
    expect(() => canonicalJson(value)).toThrow(notJson(path));
  });
});

describe('digests', () => {
  it('are SHA-256 of bytes, or of the UTF-8 of a string', () => {
    expect(sha256('')).toBe('sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
    expect(sha256('Größe')).toBe(sha256(Buffer.from('Größe')));
  });

  it('of a JSON value do not depend on the order of its members', () => {
    expect(digestOf({ a: 1, b: 2 })).toBe(digestOf({ b: 2, a: 1 }));
    expect(digestOf({ a: 1 })).toBe(sha256('{"a":1}'));
  });
});
