import type { Random } from '@signalbox/testkit';

const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`;
const SYNTAX = [
  '"',
  "'",
  '`',
  '$',
  '(',
  ')',
  '{',
  '}',
  ';',
  '&',
  '|',
  '<',
  '>',
  '#',
  '\\',
  '\n',
  ' ',
  '!',
  '$(',
  '"$(',
];

/** A script that starts `good`, `bad` and `fails` in many ways; now and then one that is broken in one place. */
export function randomScript(random: Random): string {
  let script = compound(random, 3);
  if (random.below(4) === 0) script = continueLines(random, script);
  if (random.below(3) === 0) script = breakSomewhere(random, script);
  return script;
}

/** A backslash and a newline before some blanks: nothing outside quotes means anything else. */
function continueLines(random: Random, script: string): string {
  return script.replace(/ /g, () => (random.below(6) === 0 ? ' \\\n ' : ' '));
}

function breakSomewhere(random: Random, script: string): string {
  const at = random.below(script.length + 1);
  const removed = random.below(2);
  return script.slice(0, at) + (random.below(3) === 0 ? '' : random.pick(SYNTAX)) + script.slice(at + removed);
}

function compound(random: Random, depth: number): string {
  const inner = (): string => (depth > 0 ? compound(random, depth - 1) : simple(random));
  const end = random.pick(['EOF', 'E1', 'E2']);
  const shapes: readonly (() => string)[] = [
    () => simple(random),
    () => simple(random),
    () => simple(random),
    () =>
      `${inner()}${random.pick(['; ', ' && ', ' || ', ' | ', ' |& ', '\n', ' & ', ' # bad\n', '\n# bad "\n'])}${inner()}`,
    () => `( ${inner()} )${redirect(random)}`,
    () => `{ ${inner()}\n}${redirect(random)}`,
    () =>
      `if ${inner()}; then ${inner()}\nelif ${simple(random)}; then ${inner()}\nelse ${inner()}\nfi${redirect(random)}`,
    () => `for f in 1 2; do ${inner()}\ndone${redirect(random)}`,
    () => `for f in a; do ${inner()}\nbreak; bad\ndone`,
    () => `while ${simple(random)}; do ${inner()}\nbreak; done`,
    () => `until ! ${simple(random)}; do ${inner()}\nbreak\ndone`,
    () =>
      `case ${random.pick(['a', '"a"', '$X', 'b'])} in a|c) ${inner()}\n;; ${random.pick(['b', '(b', '*', '"b"'])}) ${inner()}\n${random.pick([';;', ';&', ';;&', ''])} esac`,
    () => `! ${inner()}`,
    () => `${random.pick(['time', 'time -p'])} ${simple(random)}`,
    () => `good $( ${inner()}\n)`,
    () => `good "$( ${inner()}\n)"`,
    () => `good "a \${X:-$( ${simple(random)} )} b"`,
    () => `good \`${simple(random)}\``,
    () => `$( ${inner()}\n)`,
    () => `A=$( ${inner()}\n) ${simple(random)}`,
    () => `good <( ${inner()}\n)`,
    () => `cat < <( ${inner()}\n)`,
    () => `good > >( cat )`,
    () => `good ${quoted(inner())}`,
    () => `good "${simple(random).replace(/["\\$`]/g, '\\$&')}"`,
    () => `bash -c ${quoted(inner())}`,
    () => `sh -c ${quoted(inner())}`,
    () => `timeout 5 bash -ec ${quoted(inner())}`,
    () => `env A=1 sh -c ${quoted(simple(random))}`,
    () => `nice -n 1 nohup bash -c ${quoted(inner())}`,
    () => `echo x | xargs -n1 sh -c ${quoted(inner())}`,
    () => `cat <<${end}\n$( ${inner()}\n)\n${end}\n`,
    () => `cat <<'${end}'\n$( ${inner()}\n)\n${end}\n`,
    () => `cat <<-"${end}" && ${simple(random)}\n\t${simple(random)}\n\t${end}\n`,
    () => `cat <<${end}; ${simple(random)}\n\${X} \`${simple(random)}\` \\$(bad) \\\\\n${end}\n`,
    () => `cat <<A <<${end} | ${simple(random)}\n$(good 1)\nA\n$(${simple(random)}\n)\n${end}\n`,
    () => `cat <<< "$( ${simple(random)} )"`,
    () => `[[ -n a && ( x == x || y == z ) ]] && ${inner()}`,
    () => `[[ -z $( ${simple(random)} ) ]] || ${simple(random)}`,
    () => `eval ${quoted(inner())}`,
    () => `cd sub && ${inner()}`,
    () => `(cd sub; ${inner()}\n)`,
    () => `good $((1 + $( ${simple(random)} | cat >/dev/null; echo 1 )))`,
  ];
  return random.pick(shapes)();
}

function redirect(random: Random): string {
  return random.pick([
    '',
    '',
    '',
    ' > out1',
    ' >> out1',
    ' 2> err1',
    ' &> all',
    ' >| sub/out',
    ' < /dev/null',
    ' 2>&1',
    ' 3> three',
  ]);
}

/** One command with its operands, redirections, assignments and wrappers. */
function simple(random: Random): string {
  const program = random.pick([
    ...['good', 'good', 'good', 'good', 'good', 'fails', 'true', 'bad', ':', 'echo bad'],
    ...[
      'g"oo"d',
      "b'a'd",
      'g\\ood',
      '$X',
      '$G',
      "$'bad'",
      '"bad"',
      "$'\\x62ad'",
      'g$()ood',
      '"$G"',
      "go''od",
      'ba\\\nd',
      '{bad,good}',
    ],
  ]);
  const operand = (): string =>
    random.pick([
      ...['', '', ' a', ' -x "b c"', " 'bad'", ' "it\'s"', " '\"'", ' \\"', ' a\\ b', " $'\\''", ' a#bad', ' ""'],
      ...[' "$X"', ' *', ' {a,b}', ' ~', ' a=b', " '$(bad)'", ' "\\$(bad)"', ' "`true`"', ' \\;', " ';' ", ' "a\nb"'],
    ]);
  const after = random.pick([
    ...[
      '',
      '',
      '',
      ' > out',
      ' >> out 2>&1',
      ' 2>&1',
      ' >out2 >out3',
      ' <<< x',
      ' # bad',
      ' &>both',
      ' > "o u t"',
      " >'q'",
    ],
    ...[' 2>/dev/null', ' <> both', ' >| out', ' > $X', ' >&2', ' < /dev/null > sub/x', ' > sub/../y', ' >o""ut'],
  ]);
  const before = random.pick([
    ...[
      '',
      '',
      '',
      '',
      '',
      '',
      'timeout 5 ',
      'timeout -s KILL 5 ',
      'env A=1 ',
      'env -i PATH="$PATH" ',
      'nice -n 5 ',
      'command ',
    ],
    ...[
      'exec ',
      'A=1 ',
      'A="$(good)" ',
      'echo x | xargs ',
      'echo x | xargs -I{} ',
      'nohup ',
      'setsid -w ',
      'stdbuf -oL ',
      '>first ',
    ],
    ...['2>/dev/null ', 'timeout 5 nice ', 'A=1 B=2 env C=3 ', 'command -v '],
  ]);
  return `${before}${program}${operand()}${operand()}${after}`;
}
