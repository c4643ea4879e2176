import { createPublicKey, verify } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import * as attest from '../../src/attest/index.js';
import { createSigningKey } from '../../src/index.js';

const { openEnvelope, openStatement, parseEnvelope, preAuthEncoding, sealEnvelope, signStatement } = attest;
const ana = createSigningKey('ana');
const ben = createSigningKey('ben');
const TYPE = 'application/x-test';
const codeOf = (step: () => unknown): string => {
  try {
    step();
    return 'no error';
  } catch (error) {
    return (error as { code: string }).code;
  }
};

// The example of the specification, protocol.md, "Test Vectors".
const VECTOR = {
  payload: 'aGVsbG8gd29ybGQ=',
  payloadType: 'http://example.com/HelloWorld',
  signatures: [{ sig: 'A3JqsQGtVsJ2O2xqrI5IcnXip5GToJ3F+FnZ+O88SjtR6rDAajabZKciJTfUiHqJPcIAriEGAHTVeCUjW2JIZA==' }],
};
const VECTOR_KEY = {
  x: 46950820868899156662930047687818585632848591499744589407958293238635476079160n,
  y: 5640078356564379163099075877009565129882514886557779369047442380624545832820n,
};

describe('the subpath of attestations', () => {
  it('exports these names and no others', () => {
    expect(Object.keys(attest).sort()).toEqual([
      'COMMAND_PREDICATE',
      'DIFF_PREDICATE',
      'EVIDENCE_PREDICATE',
      'RECEIPT_PAYLOAD_TYPE',
      'STATEMENT_PAYLOAD_TYPE',
      'STATEMENT_TYPE',
      'TEST_RESULT_PREDICATE',
      'createReceipt',
      'createTestResultStatement',
      'evidenceStatement',
      'keyId',
      'openEnvelope',
      'openStatement',
      'parseEnvelope',
      'preAuthEncoding',
      'proveEntries',
      'sealEnvelope',
      'signStatement',
      'verifyReceipt',
    ]);
  });
});

describe('the encoding that is signed', () => {
  it('is the one of the specification, whose signature it carries', () => {
    const message = preAuthEncoding(VECTOR.payloadType, Buffer.from(VECTOR.payload, 'base64'));
    expect(message.toString()).toBe('DSSEv1 29 http://example.com/HelloWorld 11 hello world');
    const coordinate = (value: bigint): string =>
      Buffer.from(value.toString(16).padStart(64, '0'), 'hex').toString('base64url');
    const jwk = { kty: 'EC', crv: 'P-256', x: coordinate(VECTOR_KEY.x), y: coordinate(VECTOR_KEY.y) };
    const key = { key: createPublicKey({ key: jwk, format: 'jwk' }), dsaEncoding: 'ieee-p1363' as const };
    const signature = Buffer.from(VECTOR.signatures[0]?.sig ?? '', 'base64');
    expect(verify('sha256', message, key, signature)).toBe(true);
    expect(parseEnvelope(JSON.stringify(VECTOR))).toEqual(VECTOR);
  });

  it('counts bytes, not characters', () => {
    expect(preAuthEncoding('é', Buffer.from('ü€')).toString()).toBe('DSSEv1 2 é 5 ü€');
    expect(preAuthEncoding('', Buffer.from([0xff]))).toEqual(Buffer.from('DSSEv1 0  1 \xff', 'latin1'));
  });
});

describe('an envelope', () => {
  it('opens for each who signed it, and for a number of them', () => {
    const envelope = sealEnvelope(TYPE, 'hello', [ana, ben]);
    expect(envelope.signatures.map(({ keyid }) => keyid)).toEqual([
      `ana+${ana.verifier.keyHash}`,
      `ben+${ben.verifier.keyHash}`,
    ]);
    const opened = openEnvelope(envelope, [ben.verifier, ana.verifier], { payloadType: TYPE, threshold: 2 });
    expect(opened.payload.toString()).toBe('hello');
    expect(opened.signers).toEqual([ana.verifier, ben.verifier]);
    expect(openEnvelope(envelope, [ben.verifier], { payloadType: TYPE }).signers).toEqual([ben.verifier]);
  });

  it('does not take one key twice for two', () => {
    const envelope = sealEnvelope(TYPE, 'hello', [ana, ana]);
    expect(codeOf(() => openEnvelope(envelope, [ana.verifier], { payloadType: TYPE, threshold: 2 }))).toBe(
      'ENVELOPE_INVALID',
    );
  });

  it('opens with a key id that is missing or wrong, and with the other base64', () => {
    const { payload, signatures } = sealEnvelope(TYPE, Buffer.from([0xff, 0xfe, 0xfb, 0xef]), [ana]);
    const url = (text: string): string => text.replaceAll('+', '-').replaceAll('/', '_');
    const odd = {
      payload: url(payload),
      payloadType: TYPE,
      signatures: [{ keyid: 'x', sig: url(signatures[0]?.sig ?? '') }],
    };
    expect(openEnvelope(parseEnvelope(odd), [ana.verifier], { payloadType: TYPE }).payload).toHaveLength(4);
  });

  it('stays shut for anybody else, another type, another payload, and no signature', () => {
    const envelope = sealEnvelope(TYPE, 'hello', [ana]);
    const open = (some: object, key = ana.verifier) =>
      codeOf(() => openEnvelope({ ...envelope, ...some }, [key], { payloadType: TYPE }));
    expect(open({})).toBe('no error');
    expect(open({}, ben.verifier)).toBe('ENVELOPE_INVALID');
    expect(open({ payloadType: 'application/x-other' })).toBe('ENVELOPE_INVALID');
    expect(open({ payload: 'aGVsbG8=x' })).toBe('ENVELOPE_INVALID');
    expect(open({ payload: Buffer.from('hellp').toString('base64') })).toBe('ENVELOPE_INVALID');
    expect(open({ signatures: [] })).toBe('ENVELOPE_INVALID');
    expect(open({ signatures: [{ sig: '!' }, { sig: 'AAAA' }] })).toBe('ENVELOPE_INVALID');
  });

  it.each([
    '{',
    '[]',
    '{}',
    '{"payload":"","payloadType":"","signatures":[]}',
    '{"payload":1,"payloadType":"a","signatures":[{"sig":"a"}]}',
  ])('is not %s', (text) => {
    expect(codeOf(() => parseEnvelope(text))).toBe('ENVELOPE_INVALID');
  });

  it('has a signature, and not too many', () => {
    expect(codeOf(() => sealEnvelope(TYPE, '', []))).toBe('ENVELOPE_INVALID');
    expect(
      codeOf(() =>
        sealEnvelope(
          TYPE,
          '',
          Array.from({ length: 17 }, () => ana),
        ),
      ),
    ).toBe('ENVELOPE_INVALID');
  });
});

describe('a statement', () => {
  const statement: attest.Statement = {
    _type: attest.STATEMENT_TYPE,
    subject: [{ name: 'tree', digest: { gitTree: 'a'.repeat(40) } }],
    predicateType: attest.DIFF_PREDICATE,
    predicate: { files: 1 },
  };

  it('comes out of its envelope as it went in', () => {
    const envelope = signStatement(statement, [ana]);
    expect(envelope.payloadType).toBe('application/vnd.in-toto+json');
    expect(openStatement(envelope, [ana.verifier])).toEqual(statement);
    expect(openStatement(envelope, [ana.verifier], { predicateType: attest.DIFF_PREDICATE })).toEqual(statement);
    expect(codeOf(() => openStatement(envelope, [ana.verifier], { predicateType: attest.COMMAND_PREDICATE }))).toBe(
      'STATEMENT_INVALID',
    );
    expect(codeOf(() => openStatement(envelope, [ben.verifier]))).toBe('ENVELOPE_INVALID');
  });

  it.each<[string, object]>([
    ['another version', { _type: 'https://in-toto.io/Statement/v0.1' }],
    ['no subject', { subject: [] }],
    ['a subject without a digest', { subject: [{ name: 'x', digest: {} }] }],
    ['a digest that is none', { subject: [{ name: 'x', digest: { sha256: 'XYZ' } }] }],
    ['a predicate type that is no URI', { predicateType: 'diff' }],
  ])('is refused with %s', (_, some) => {
    expect(codeOf(() => signStatement({ ...statement, ...some } as attest.Statement, [ana]))).toBe('STATEMENT_INVALID');
    const envelope = sealEnvelope(attest.STATEMENT_PAYLOAD_TYPE, JSON.stringify({ ...statement, ...some }), [ana]);
    expect(codeOf(() => openStatement(envelope, [ana.verifier]))).toBe('STATEMENT_INVALID');
  });

  it('is refused when it is no JSON, or of another type of payload', () => {
    const noJson = sealEnvelope(attest.STATEMENT_PAYLOAD_TYPE, 'x', [ana]);
    expect(codeOf(() => openStatement(noJson, [ana.verifier]))).toBe('STATEMENT_INVALID');
    const other = sealEnvelope(TYPE, JSON.stringify(statement), [ana]);
    expect(codeOf(() => openStatement(other, [ana.verifier]))).toBe('ENVELOPE_INVALID');
  });

  it('says how a test report came out', () => {
    const test = (name: string, status: 'passed' | 'failed' | 'skipped', suite = '') => ({ name, suite, status });
    const about = {
      subject: statement.subject,
      configuration: [{ name: 'npm test', digest: { sha256: 'ab' } }, { uri: 'file:x' }],
    };
    const make = (...tests: ReturnType<typeof test>[]) => attest.createTestResultStatement({ tests }, about);
    expect(make(test('a', 'passed', 's'), test('b', 'failed'), test('c', 'skipped'))).toMatchObject({
      predicateType: 'https://in-toto.io/attestation/test-result/v0.1',
      predicate: {
        result: 'FAILED',
        configuration: about.configuration,
        passedTests: ['s > a'],
        warnedTests: ['c'],
        failedTests: ['b'],
      },
    });
    expect(make(test('a', 'passed')).predicate['result']).toBe('PASSED');
    expect(make(test('a', 'skipped')).predicate['result']).toBe('WARNED');
  });
});
