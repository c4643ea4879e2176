import { describe, expect, it } from '@jest/globals';
import type { Json } from '@signalbox/kernel';
import fc from 'fast-check';
import { createRedactor, redactJson, redactText, secretsOf } from '../../src/index.js';

const SECRET = ['p4ss"w\\ord/', 'with é & ünicode?'].join('');
const PLAIN = ['correct', 'horse', 'battery'].join('-');
const redactor = createRedactor({ secrets: [SECRET, PLAIN] });
const MARKER = /\[redacted:[a-z-]+:[0-9a-f]{8}\]/;

/** Every way in which a value may be written down. */
const FORMS: Record<string, (value: string) => string> = {
  raw: (value) => value,
  'JSON-escaped': (value) => JSON.stringify(value),
  'JSON-escaped twice': (value) => JSON.stringify(JSON.stringify(value)),
  'JSON-escaped in ASCII': (value) =>
    JSON.stringify(value).replace(
      /[\u0080-\uffff]/g,
      (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    ),
  'JSON-escaped with slashes': (value) => JSON.stringify(value).replaceAll('/', '\\/'),
  'percent-encoded': encodeURIComponent,
  'percent-encoded in lower case': (value) => encodeURIComponent(value).replace(/%../g, (code) => code.toLowerCase()),
  'form-encoded': (value) => new URLSearchParams({ q: value }).toString(),
  base64: (value) => Buffer.from(value).toString('base64'),
  'base64 behind one character': (value) => Buffer.from(`x${value}y`).toString('base64'),
  'base64 behind two characters': (value) => Buffer.from(`xx${value}yy`).toString('base64'),
  'base64 of basic authentication': (value) => Buffer.from(`ana:${value}`).toString('base64'),
  base64url: (value) => Buffer.from(`~~?${value}?>`).toString('base64url'),
  hexadecimal: (value) => Buffer.from(value).toString('hex').toUpperCase(),
};

describe('a redactor with known secrets', () => {
  it.each(Object.keys(FORMS))('finds a value that is %s', (name) => {
    for (const secret of [SECRET, PLAIN]) {
      const form = (FORMS[name] as (value: string) => string)(secret);
      const redacted = redactor.text(`before ${form} after`);
      expect(redacted).toMatch(MARKER);
      expect(redacted.replace(MARKER, '').length).toBeLessThan('before  after'.length + 12);
      expect(redactor.text(redacted)).toBe(redacted);
    }
  });

  it('finds values that overlap, and the lines of one with several', () => {
    const both = createRedactor({ secrets: ['abcdefgh', 'efghijkl'] });
    expect(both.text('xabcdefghijklx')).toMatch(/^x\[redacted:known-secret:\w{8}\]x$/);
    const pem = createRedactor({
      secrets: ['-----BEGIN X-----\nfirst-line-of-it\nsecond-line-of-it\nend\n-----END X-----'],
    });
    expect(pem.text('second-line-of-it')).toMatch(MARKER);
    expect(pem.text('-----BEGIN X-----')).toBe('-----BEGIN X-----');
  });

  it('leaves short values alone, and texts that only look like a marker', () => {
    expect(createRedactor({ secrets: ['12345', '     1    '] }).text('12345')).toBe('12345');
    expect(createRedactor({ secrets: ['redacted'] }).text('[redacted:known-secret:01234567]')).toBe(
      '[redacted:known-secret:01234567]',
    );
    expect(createRedactor({ secrets: ['redacted'] }).text('it was redacted')).toMatch(MARKER);
    expect(createRedactor().reach).toBe(0);
    expect(redactor.reach).toBeGreaterThanOrEqual(SECRET.length);
  });

  it('reaches keys and values of JSON', () => {
    const value = { [PLAIN]: [{ a: `x${SECRET}` }, 1, null], password: PLAIN };
    const redacted = redactor.json(value);
    expect(JSON.stringify(redacted)).not.toContain(PLAIN);
    expect(redactor.json(redacted)).toEqual(redacted);
  });

  it('finds values within binary data, and gives the same bytes back where there is nothing', () => {
    const clean = Buffer.from([0, 255, 1]);
    expect(redactor.bytes(clean)).toBe(clean);
    const dirty = Buffer.concat([clean, Buffer.from(SECRET), clean]);
    const redacted = Buffer.from(redactor.bytes(dirty));
    expect(redacted.includes(SECRET)).toBe(false);
    expect(redacted.subarray(0, 3)).toEqual(clean);
    expect(redacted.subarray(-3)).toEqual(clean);
    expect(Buffer.from(redactor.bytes(Buffer.from(`é ${PLAIN}`))).toString()).toMatch(/^é \[redacted/);
  });
});

describe('redaction by shape', () => {
  const token = 'x7Kd02mQpL4vTz8sNc';
  it.each([
    `https://${token}1A@example.com/repo.git`,
    `STRIPE_KEY=${token}`,
    `export GH_PAT="${token}"`,
    'DB_PWD=hunter2',
    'password="hunter2"',
    '{"password":"hunter2"}',
    'Proxy-Authorization: Basic dXNlcjpodW50ZXI=',
    `X-Api-Key: ${token}`,
    `{"client_secret": "${token}"}`,
    `{\\"client_secret\\": \\"${token}\\"}`,
    `amqp://ana:pa%40ss%2Fword@host`,
  ])('finds the secret in %j', (text) => {
    const redacted = redactText(text);
    expect(redacted).toMatch(MARKER);
    expect(redacted).not.toMatch(/x7Kd02|hunter2|dXNlcjpod|pa%40ss/);
    expect(redactText(redacted)).toBe(redacted);
  });

  it.each([
    'PUBLIC_KEY=x7Kd02mQpL4vTz8sNc',
    'CACHE_KEY=node-modules-Linux-x64-4f1C3b09D7',
    'git+ssh://git@github.com/a/b and https://user@host/',
    '{"maxTokens": 12345678901234567890123456789012, "token": 12345678901234567890123456789012345678}',
    'the password is long and the secret is safe',
    "const kind = isPassword ? 'password' : 'secret';",
  ])('leaves %j alone', (text) => {
    expect(redactText(text)).toBe(text);
  });
});

describe('tokens of other services', () => {
  const chance = 'x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi'.repeat(2);
  const hex = '0123456789abcdef'.repeat(4);
  it.each([
    ['SG.', chance.slice(0, 22), '.', chance.slice(0, 43)],
    ['dop_v1_', hex],
    ['hf_', chance.slice(0, 34)],
    ['shpat_', hex.slice(0, 32)],
    ['lin_api_', chance.slice(0, 40)],
    ['pypi-', chance],
    ['dckr_pat_', chance.slice(0, 27)],
    ['hvs.', chance.slice(0, 24)],
    ['AGE-SECRET-KEY-', '1', chance.toUpperCase().slice(0, 58)],
    ['glsa_', chance.slice(0, 32), '_', hex.slice(0, 8)],
  ])('are found: %s', (...parts) => {
    expect(redactText(`a ${parts.join('')} b`)).toMatch(/^a \[redacted:api-token:\w{8}\] b$/);
  });
});

describe('secretsOf', () => {
  it('picks the values of an environment that must not be written down', () => {
    const environment = {
      API_TOKEN: PLAIN,
      STRIPE_KEY: 'abc-123',
      DATABASE_URL: 'postgres://ana:pa%40ss1@db/app',
      ODD_URL: 'x://y:100%zz@h',
      TOKEN_STORE: 'keychain',
      SECRET_FILE: '/run/secrets/x',
      API_KEY_ID: 'abcdefgh1234',
      SESSION_TOKEN: 'true',
      NONE_TOKEN: undefined,
      SHORT_PASSWORD: 'ab1',
      PWD: '/home/ana',
      PATH: '/usr/bin:/bin',
    };
    expect(secretsOf(environment)).toEqual([PLAIN, 'abc-123', 'pa%40ss1', 'pa@ss1', '100%zz']);
  });
});

describe('redaction of JSON text', () => {
  const words = fc.constantFrom(
    'password',
    'token',
    '=',
    ': ',
    '"',
    '\\',
    '\n',
    '\\n',
    'é',
    '\u0001',
    '/',
    'AKIAIOSFODNN7EXAMPLE',
    'npm_',
    'pm_',
    'x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi',
    'Authorization: ',
    'Bearer ',
    'https://ana:',
    '@host',
    '--token ',
    PLAIN,
    SECRET,
    SECRET.slice(3),
    '12345678901234567890123456789012',
    '-----BEGIN PRIVATE KEY-----',
    '-----END PRIVATE KEY-----',
    'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj',
    '[redacted:secret:01234567]',
    '0041',
    'u00',
  );
  const strings = fc.array(words, { maxLength: 8 }).map((parts) => parts.join(''));
  const values = fc.letrec<{ json: Json }>((tie) => ({
    json: fc.oneof(
      { maxDepth: 3 },
      strings,
      fc.integer(),
      fc.constantFrom(1.5e21, true, null),
      fc.array(tie('json'), { maxLength: 4 }),
      fc.dictionary(strings, tie('json'), { maxKeys: 4 }),
    ),
  })).json;
  /** Texts of JSON in several spellings, and one within another. */
  const texts = fc
    .tuple(values, fc.constantFrom(0, 1), fc.boolean(), fc.boolean())
    .map(([value, indent, twice, ascii]) => {
      const text = JSON.stringify(twice ? { text: JSON.stringify(value) } : value, null, indent);
      return ascii
        ? text.replace(/[\u0080-\uffff]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`)
        : text;
    });
  const odd = createRedactor({
    secrets: [SECRET, PLAIN, 'n1234567', 'abc\\\\', '0041x7K', 'tail-of-it\\', '\\u00e9tail'],
  });

  it('never makes it invalid, changes nothing twice, and leaves no known value', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const redacted = odd.text(text);
        JSON.parse(redacted);
        JSON.parse(redactText(text));
        expect(odd.text(redacted)).toBe(redacted);
        expect(redacted).not.toContain(PLAIN);
      }),
      { numRuns: 2_000, seed: 7 },
    );
  });

  it('widens a match over an escape that it would cut', () => {
    for (const text of [
      '"a\\n1234567b"',
      '"\\u0041x7Kz"',
      '"tail-of-it\\\\"',
      '"x\\u00e9tail"',
      '"password=\\nfoo123456"',
    ]) {
      const redacted = odd.text(text);
      expect(redacted).toMatch(MARKER);
      expect(typeof JSON.parse(redacted)).toBe('string');
    }
  });

  it('gives the same for values of JSON as often as it is done', () => {
    fc.assert(
      fc.property(values, (value) => {
        const once = redactJson(value);
        expect(redactJson(once)).toEqual(once);
      }),
      { numRuns: 500, seed: 7 },
    );
  });
});

describe('the time that redaction takes', () => {
  it('grows with the text and no faster, also for hostile texts', () => {
    const secrets = Array.from({ length: 3 }, (_, i) => `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa${i}`);
    const many = createRedactor({ secrets });
    const parts = [
      'a',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa0',
      '\\',
      '\\u00',
      '[redacted:',
      '[redacted:secret:01234567]',
      'token=\\n',
      'A_',
      'password=hunter2 ',
    ];
    const timeOf = (part: string, size: number): number => {
      const text = part.repeat(Math.ceil(size / part.length));
      const started = performance.now();
      many.text(text);
      return performance.now() - started;
    };
    for (const part of parts) {
      timeOf(part, 250_000); // so that both are measured warm
      // Twice as much should take twice as long; four times as long would be quadratic. A busy machine gets three tries, and
      // below 50 ms nothing is told apart.
      const ratios = [1, 2, 3].map(() => {
        const half = timeOf(part, 2_500_000);
        const whole = timeOf(part, 5_000_000);
        return whole > 50 ? whole / half : 1;
      });
      if (Math.min(...ratios) > 3.5) throw new Error(`${JSON.stringify(part)}: ${ratios.join(' ')}`);
    }
  });
});
