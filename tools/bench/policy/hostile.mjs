const LENGTH = 64 * 1024;
const fill = (piece, before = '', after = '') =>
  before + piece.repeat(Math.floor((LENGTH - before.length - after.length) / piece.length)) + after;
const nest = (open, inner, close, count) => open.repeat(count) + inner + close.repeat(count);
const times = (count, write) => Array.from({ length: count }, (_, n) => write(n));

const WHOLE = [
  ...[
    '$(',
    '(((',
    '$((',
    '`',
    '"',
    '\\',
    'ls && ',
    'ls|',
    ';',
    'ls; ',
    'ls&',
    '! ',
    '> a ',
    '>',
    '<<<',
    'A=1 ',
    '$(ls) ',
    '${x:-',
  ],
  ...[
    'cat <<A\nx\nA\n',
    'cat <<A ',
    'timeout 5 ',
    'eval ',
    'sudo ',
    "sh -c 'ls';",
    'f() { ',
    'if ls; then ',
    '$(a "$(c `d`)") {e,f} ',
  ],
].map((piece) => fill(piece));

const LONG = [
  fill('{a,b}', 'ls '),
  fill('a ', 'ls '),
  fill('$a ', 'ls '),
  fill('?', 'ls '),
  fill('* ', 'ls '),
  fill('1+', 'echo $((', '1))'),
  fill('-exec ls ; ', 'find '),
  fill('$(ls)\n', 'cat <<EOF\n', 'EOF'),
  nest('$(', 'ls', ')', 10_000),
  nest('"$(', 'ls', ')"', 9_000),
  nest('( ', 'ls', ' )', 15_000),
  nest('if ls; then ', 'ls', '; fi', 3_000),
  nest('${x:-', 'a', '}', 9_000),
  times(9_000, (n) => `cd a${n};`)
    .join('')
    .slice(0, LENGTH),
];

// Cut short, most stay within the limits beyond which a line is refused unread.
const lines = [...WHOLE, ...LONG];
const SHORTENED = [24_000, 9_000, 3_000].flatMap((length) => lines.map((line) => line.slice(0, length)));

/** What a `shell.run` is asked with: lines of up to 64 KiB, and a vector of 100,000 words. None may be allowed. */
export const HOSTILE_LINES = [
  ...[...lines, ...SHORTENED].map((line) => ({ command: `some-program; ${line}` })),
  ...lines.map((command) => ({ command })),
  { argv: ['some-program', ...times(100_000, (n) => `a${n}`)] },
];

/** Rules, and the paths that are hardest for them. */
export const HOSTILE_PATTERNS = [
  { glob: `${'*a'.repeat(200)}*b`, paths: ['a'.repeat(4_000), `${'a'.repeat(4_000)}b`] },
  { glob: `${'**/a/'.repeat(30)}b`, paths: ['a/'.repeat(2_000), `${'a/'.repeat(2_000)}b`] },
  { glob: `${'{a,b}'.repeat(6)}${'?'.repeat(100)}`, paths: ['ab'.repeat(2_000)] },
  { glob: `*${'[a-c]'.repeat(100)}`, paths: ['abc'.repeat(1_500)] },
]
  .map(({ glob, paths }) => ({
    rule: `{ id: x, effect: deny, on: [file.write], when: 'resource.path.glob("${glob}")' }`,
    paths,
  }))
  .concat({
    rule: `{ id: x, effect: deny, on: [file.write], when: '${times(12, (n) => `resource.path in [${times(60, (m) => `"p${n}-${m}"`)}]`).join(' || ')}' }`,
    paths: ['p11-59', 'q'.repeat(4_000)],
  });
