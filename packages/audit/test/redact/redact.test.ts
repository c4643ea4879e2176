import { describe, expect, it } from '@jest/globals';
import { createIds, sha256 } from '@signalbox/kernel';
import { createFakeClock, createRandom } from '@signalbox/testkit';
import { redactJson, redactText } from '../../src/index.js';

// Built from parts, so that no scanner takes this file for a leak.
const join = (...parts: string[]): string => parts.join('');
const BASE64_KEY = 'MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj';
const AWS_SECRET = join('wJalrXUtnFEMI/K7MDENG/', 'bPxRfiCYEXAMPLEKEY');

const TOKENS: Record<string, string> = {
  'github-token': join('ghp_', 'x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi'),
  'github-token (OAuth)': join('gho_', 'x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi'),
  'github-token (server)': join('ghs_', 'x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi'),
  'github-token (user)': join('ghu_', 'x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi'),
  'github-token (fine-grained)': join('github_pat_', '11ABCDEFG0abcdefghijkl_', 'x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi'),
  'gitlab-token': join('glpat-', 'x7Kd02mQpL4vTz8sNc1R'),
  'aws-key-id': join('AKIA', 'IOSFODNN7EXAMPLE'),
  'slack-token': join('xoxb-', '123456789012-1234567890123-x7Kd02mQpL4vTz8sNc1RyWbE'),
  'slack-webhook': join('https://hooks.slack.com/', 'services/T00000000/B00000000/x7Kd02mQpL4vTz8sNc1RyWbE'),
  'anthropic-key': join('sk-ant-', 'api03-x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi-AA'),
  'openai-key': join('sk-', 'x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIix7Kd02mQpL4v'),
  'openai-key (project)': join('sk-', 'proj-x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi'),
  'google-key': join('AIza', 'SyD02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi'),
  'npm-token': join('npm_', 'x7Kd02mQpL4vTz8sNc1RyWbE6uHj3GfA9oIi'),
  'stripe-key': join('sk_live_', 'x7Kd02mQpL4vTz8sNc1RyWbE'),
  jwt: join(
    'eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9',
    '.eyJzdWIiOiIxMjM0NTY3ODkwIn0',
    '.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P',
  ),
};

const PROSE = [
  'The build of 4f1c3b0 failed after 12 s; see https://example.com:8443/log?id=17 for more.\n',
  'const token = parseToken(request); const password = form.password ?? defaultPassword;\n',
  'Lorem ipsum dolor sit amet, consectetur adipiscing elit. Größe 12 µm.\n',
  '+  "scripts": { "test": "node --test", "lint": "biome check ." },\n',
];

describe('redactText', () => {
  it.each(Object.entries(TOKENS))('replaces a %s', (name, token) => {
    const what = name.split(' ')[0];
    const secret = what === 'slack-webhook' ? token.slice('https://hooks.slack.com/'.length) : token;
    const marker = `[redacted:${what}:${sha256(secret).slice(7, 15)}]`;
    expect(redactText(`before ${token} after`)).toBe(`before ${token.replace(secret, marker)} after`);
  });

  it('gives nothing away of a secret that can be guessed', () => {
    expect(redactText('PASSWORD=correcthorsebattery')).toBe('PASSWORD=[redacted:password:00000000]');
    expect(redactText('postgres://ana:hunter2@db/app')).toBe('postgres://ana:[redacted:url-password:00000000]@db/app');
  });

  it('finds every planted token in any surroundings, and changes nothing else on a second pass', () => {
    const { pick } = createRandom(7);
    const around = [' ', '\n', '"', "'", '=', ': ', '\\n', '\u001b[32m', '%20', '(', '{"x":"', '`'];
    for (let round = 0; round < 400; round++) {
      const planted = pick(Object.values(TOKENS));
      const left = pick(around);
      const right = pick(['', ' ', '\n', '"', '\\n', ')', ';', ',']);
      const text = `${pick(PROSE)}${left}${planted}${right}${pick(PROSE)}`;
      const redacted = redactText(text);
      if (redacted.includes(planted.slice(-16))) throw new Error(`leaked: ${JSON.stringify(text)}`);
      expect(redactText(redacted)).toBe(redacted);
      expect(redactJson(text)).toBe(redacted);
    }
  });

  it('replaces the AWS secret that stands near its key id', () => {
    const text = `${TOKENS['aws-key-id']},${AWS_SECRET}\n`;
    expect(redactText(text)).toMatch(/^\[redacted:aws-key-id:[0-9a-f]{8}\],\[redacted:aws-secret:[0-9a-f]{8}\]\n$/);
  });

  it.each([
    ['whole', `-----BEGIN PRIVATE KEY-----\n${BASE64_KEY}\n${BASE64_KEY}\nabc=\n-----END PRIVATE KEY-----`],
    ['of another kind', `-----BEGIN OPENSSH PRIVATE KEY-----\n${BASE64_KEY}\n-----END OPENSSH PRIVATE KEY-----`],
    [
      'encrypted',
      `-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,AB12\n\n${BASE64_KEY}\n-----END RSA PRIVATE KEY-----`,
    ],
    ['in JSON', `-----BEGIN PRIVATE KEY-----\\n${BASE64_KEY}\\nabc=\\n-----END PRIVATE KEY-----\\n`],
    ['with Windows line ends', `-----BEGIN PRIVATE KEY-----\r\n${BASE64_KEY}\r\nabc=\r\n-----END PRIVATE KEY-----`],
    ['on one line', `-----BEGIN PRIVATE KEY----- ${BASE64_KEY} -----END PRIVATE KEY-----`],
    ['cut at the end', `-----BEGIN PRIVATE KEY-----\n${BASE64_KEY}\n${BASE64_KEY.slice(0, 20)}`],
    ['cut at the start', `${BASE64_KEY.slice(20)}\n${BASE64_KEY}\nabc=\n-----END PRIVATE KEY-----`],
    ['cut at the start, in JSON', `${BASE64_KEY}\\nabc=\\n-----END PRIVATE KEY-----`],
  ])('replaces a private key %s', (_, pem) => {
    const redacted = redactText(`some words\n${pem}"\nthe next words`);
    expect(redacted).toMatch(/^some words\n\[redacted:private-key:[0-9a-f]{8}\](\\n)?"\nthe next words$/);
  });

  it('replaces each of several private keys, and a key that is cut where the next begins', () => {
    const cut = `-----BEGIN PRIVATE KEY-----\n${BASE64_KEY}\n`;
    const whole = `${cut}-----END PRIVATE KEY-----\n`;
    const redacted = redactText(`${cut}${whole}between\n${whole}`);
    expect(redacted.match(/\[redacted:private-key/g)).toHaveLength(3);
    expect(redacted).not.toContain(BASE64_KEY);
    expect(redacted).toContain('between');
  });

  it('leaves a mere mention of a private key alone', () => {
    for (const text of [
      'It starts with -----BEGIN PRIVATE KEY----- as a rule.',
      "x('-----END PRIVATE KEY-----')",
      '-----END PRIVATE KEY-----',
    ]) {
      expect(redactText(text)).toBe(text);
    }
  });

  it.each([
    ['Authorization: Bearer abcdef123456', 'Authorization: Bearer [redacted:authorization:'],
    ['authorization: Basic dXNlcjpodW50ZXI=', 'authorization: Basic [redacted:authorization:'],
    ['-H "Authorization: token x7Kd02mQ"', '-H "Authorization: token [redacted:authorization:'],
    ['{\\"authorization\\":\\"Bearer abcdef123456\\"}', '{\\"authorization\\":\\"Bearer [redacted:authorization:'],
    ['got bearer abcdefgh12345678 back', 'got bearer [redacted:bearer-token:'],
    ['postgres://ana:hunter2@db/app', 'postgres://ana:[redacted:url-password:'],
    ['PASSWORD=correcthorsebattery', 'PASSWORD=[redacted:password:'],
    ['password: hunter2hunter2', 'password: [redacted:password:'],
    ['client_secret="correct-horse"', 'client_secret="[redacted:password:'],
    ['"api_key": "0123456789abcdef0123456789abcdef"', '"api_key": "[redacted:secret:'],
    [`aws_secret_access_key = ${AWS_SECRET}`, 'aws_secret_access_key = [redacted:secret:'],
    ['MY_TOKEN=x7Kd02mQpL4vTz8sNc', 'MY_TOKEN=[redacted:secret:'],
    ['tool --token x7Kd02mQpL4vTz8sNc run', 'tool --token [redacted:secret:'],
    ['tool --db-password hunter2hunter2', 'tool --db-password [redacted:password:'],
  ])('replaces the secret in %j', (text, start) => {
    const redacted = redactText(text);
    expect(redacted.startsWith(start)).toBe(true);
    expect(redactText(redacted)).toBe(redacted);
  });

  it('leaves names, ids, digests and program text alone', () => {
    const ids = createIds(createFakeClock());
    const harmless = [
      'commit 4f1c3b09d7a85e6f2b1c0d9e8f7a6b5c4d3e2f10',
      `digest: ${sha256('x')}, tree=${sha256('y').slice(7)}`,
      `secret: ${sha256('z')}`,
      `token=${ids('tsk')} ${ids('evd')}`,
      'const token = await createAccessToken(request)',
      'password: passwordSchema, token: parseToken,',
      "password: process.env.PASSWORD ?? 'x', token: env.TOKEN_VALUE_12345",
      // biome-ignore lint/suspicious/noTemplateCurlyInString: this is how a workflow file names a secret
      'token: ${{ secrets.NPM_TOKEN }} PASSWORD=$DB_PASSWORD password=<your-password>',
      'token: GITHUB_TOKEN, "secret": "STRIPE_SECRET_NAME"',
      'inputTokens: 12345678901234567890, maxTokens=200000',
      'sk-some-long-name-with-dashes task-with-a-long-name-and-1-digit',
      'highs_and_lows_of_the_week lengths_ofallthethingsinthisroom',
      'npm_config_registry npm_package_name',
      'Authorization: required. Authorization: Bearer $TOKEN',
      'a bearer of-all-the-bad-news-today',
      'https://user:$PASSWORD@host/ git+ssh://git@github.com:user/repo http://localhost:8080/@scope/name',
      'cacheKey: node-modules-Linux-x64-4f1C3b09D7a85E6f2b',
      'AKIA is a prefix, AIza too, and eyJ starts a token',
    ];
    for (const text of harmless) expect(redactText(text)).toBe(text);
  });

  it('takes well below a second for 1.5 MB, also for text made to be slow', () => {
    const size = 1_500_000;
    const fill = (part: string): string => part.repeat(Math.ceil(size / part.length));
    const texts = [
      PROSE.join(''),
      'eyJ',
      'eyJ-',
      'eyJaaaaaaaa.',
      '-eyJaaaaaaaaaaaaaaa.eyJ',
      'sk-',
      'sk-a',
      'token',
      'token=',
      '--token ',
      'A',
      'AKIAIOSFODNN7EXAMPLE ',
      'authorization',
      'authorization: ',
      '://',
      '://a:',
      'passwordpassword',
      '-----BEGIN PRIVATE KEY-----\n',
      '-----END PRIVATE KEY-----\n',
      'QUFB\n',
      '-',
      '\\',
      '\\n',
      ' ',
      'bearer ',
      '[0;0;0;0;0;0',
      'gh',
      'ghs_1_',
    ];
    for (const part of texts) {
      const started = performance.now();
      redactText(fill(part) + (part === 'QUFB\n' ? '-----END PRIVATE KEY-----' : ''));
      const took = performance.now() - started;
      // Quadratic time would take minutes; a busy machine has been seen to take seconds.
      if (took > 30_000) throw new Error(`${JSON.stringify(part)} took ${Math.round(took)} ms`);
    }
  });
});

describe('redactJson', () => {
  const token = TOKENS['github-token'] as string;

  it('reaches every string and every key', () => {
    const value = { a: [{ b: `x ${token}` }, 1, null, true], [token]: 'key' };
    const redacted = redactJson(value);
    expect(JSON.stringify(redacted)).not.toContain(token);
    expect(redacted.a[1]).toBe(1);
    expect(Object.keys(redacted)[1]).toMatch(/^\[redacted:github-token:/);
  });

  it('judges a whole string under a telling key', () => {
    expect(
      redactJson({ password: 'correct-horse', env: { API_TOKEN: 'x7Kd02mQpL4vTz8sNc', NAME: 'ana-ana-ana' } }),
    ).toEqual({
      password: expect.stringMatching(/^\[redacted:password:/),
      env: { API_TOKEN: expect.stringMatching(/^\[redacted:secret:/), NAME: 'ana-ana-ana' },
    });
    expect(redactJson({ tokens: ['x7Kd02mQpL4vTz8sNc'], inputTokens: 17, token: 'short' })).toEqual({
      tokens: [expect.stringMatching(/^\[redacted:secret:/)],
      inputTokens: 17,
      token: 'short',
    });
  });

  it('judges what follows a telling flag in a list of arguments', () => {
    expect(redactJson(['tool', '--api-key', 'x7Kd02mQpL4vTz8sNc', '--name', 'x7Kd02mQpL4vTz8sNc'])).toEqual([
      'tool',
      '--api-key',
      expect.stringMatching(/^\[redacted:secret:/),
      '--name',
      'x7Kd02mQpL4vTz8sNc',
    ]);
  });

  it('does not touch its argument, keeps a member named __proto__, and changes nothing twice', () => {
    const value = JSON.parse(`{"__proto__":{"password":"correct-horse"},"x":"${token}"}`);
    const before = JSON.stringify(value);
    const redacted = redactJson(value);
    expect(JSON.stringify(value)).toBe(before);
    expect(Object.keys(redacted)).toEqual(['__proto__', 'x']);
    expect(redactJson(redacted)).toEqual(redacted);
  });
});

describe('a private key of which every line begins with a sign', () => {
  const body = [
    'MIIEpAIBAAKCAQEAvZ3Qq1Yw7cVt0N5sLkJhGfDdSaPoIuYt',
    'rEwQzXcVbNmLkJhGfDsApOiUyTrEwQ1a2S3d4F5g6H7j8K9l',
    'QUI=',
  ];
  const mark = (word: string): string => `-----${word} ${'PRIVATE'} KEY-----`;

  it.each(['+', '-', ' ', '# ', '> ', '// ', ' * ', '| '])('is cut out, with %j', (sign) => {
    const whole = [mark('BEGIN'), ...body, mark('END')].map((line) => `${sign}${line}`);
    for (const lines of [whole, whole.slice(1), whole.slice(0, -1)]) {
      for (const text of [lines.join('\n'), JSON.stringify(lines.join('\n'))]) {
        const clean = redactText(text);
        expect(body.slice(0, 2).filter((line) => clean.includes(line))).toEqual([]);
      }
    }
  });
});
