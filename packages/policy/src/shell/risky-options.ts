import { baseName } from './programs.js';

interface Risk {
  /** Long options; a prefix of one counts too, since most programs accept unambiguous abbreviations. */
  readonly long: readonly string[];
  /** Letters that count anywhere in a cluster of short options. */
  readonly short: string;
  readonly what: string;
  /** A long option may begin with a single dash, and what follows `--` is for another program. */
  readonly isNpm?: boolean;
}

const NPM: Risk = {
  long: `--script-shell --shell --node-options --prefix --dir --cwd --userconfig --globalconfig --git --editor --viewer
  --browser --init-module --preload --require --import --use-yarnrc --modules-folder`.split(/\s+/),
  short: 'C',
  what: 'lets it start another program or run elsewhere',
  isNpm: true,
};

// Options by which a program that only reads starts another one or writes a file. Sources: the manuals of git 2.47,
// ripgrep 14, GNU findutils 4.10, GNU diffutils 3.10, file 5.45, coreutils 9.5 and npm 11.
const RISKS: Record<string, Risk> = {
  git: {
    long: `--ext-diff --textconv --filters --output --output-directory --open-files-in-pager --config-env --exec-path --exec
    --upload-pack --receive-pack --git-dir --work-tree --show-signature --stdin --batch --batch-check
    --batch-command`.split(/\s+/),
    short: '',
    what: 'lets git start a program, write a file, read names from elsewhere or use another repository',
  },
  rg: { long: ['--pre', '--hostname-bin', '--search-zip'], short: 'z', what: 'lets rg start a program' },
  sort: { long: ['--output', '--compress-program'], short: 'o', what: 'lets sort write a file or start a program' },
  diff: { long: ['--paginate'], short: 'l', what: 'lets diff start a program' },
  tree: { long: [], short: 'o', what: 'lets tree write a file' },
  file: {
    long: ['--compile', '--uncompress', '--uncompress-noreport'],
    short: 'CzZ',
    what: 'lets file do more than look',
  },
  npm: NPM,
  npx: NPM,
  pnpm: NPM,
  yarn: NPM,
  bun: NPM,
};

const FIND_ACTIONS = /^-(?:exec|execdir|ok|okdir|delete|fprint|fprint0|fprintf|fls)$/;

/** Why one of the operands makes a program do more than its name says; `null` if none does. */
export function riskyOption(program: string, operands: readonly (string | null)[]): string | null {
  const name = baseName(program);
  if (name === 'find') {
    const action = operands.find((operand) => operand !== null && FIND_ACTIONS.test(operand));
    return action ? `${action} lets find start a program or change files` : null;
  }
  if (name === 'git') {
    const operand = riskyGitOperand(operands);
    if (operand !== null) return `git ${operand} starts a program or means more than a file`;
  }
  const risk = Object.hasOwn(RISKS, name) ? RISKS[name] : undefined;
  if (!risk) return null;
  for (const operand of operands) {
    if (operand === '--' && risk.isNpm) return null;
    if (operand !== null && isRisky(risk, operand)) return `${operand.split('=')[0]} ${risk.what}`;
  }
  return null;
}

function isRisky(risk: Risk, operand: string): boolean {
  if (!operand.startsWith('-')) return false;
  const written = operand.split('=')[0] as string;
  const option = risk.isNpm ? `--${written.replace(/^-+/, '')}` : written;
  if (option.startsWith('--') && option.length >= 3 && risk.long.some((each) => each.startsWith(option))) return true;
  if (operand.startsWith('--')) return false;
  return [...risk.short].some((letter) => /^-[A-Za-z0-9]*$/.test(upTo(operand, letter)));
}

/** The cluster through its first `letter`; a blank, which fails the test above, if the letter is not in it. */
function upTo(operand: string, letter: string): string {
  const at = operand.indexOf(letter);
  return at === -1 ? ' ' : operand.slice(0, at + 1);
}

/**
 * Before its subcommand git takes `-c key=value` and `-C folder`; `git grep -O` opens a pager; `%G` in a format runs gpg; an
 * operand that begins with ":" is a file of the index or a pattern with magic, not a path.
 */
function riskyGitOperand(operands: readonly (string | null)[]): string | null {
  const subcommand = operands.findIndex((each) => each !== null && !each.startsWith('-'));
  const isGrep = operands[subcommand] === 'grep';
  for (const [index, operand] of operands.entries()) {
    if (operand === null) continue;
    const isBefore = index < subcommand || subcommand === -1;
    if (isBefore ? /^-[cCp]/.test(operand) : isGrep && /^-[A-Za-z]*O/.test(operand)) return operand;
    if (operand.startsWith(':') || /^-[^=]*=.*%G/.test(operand)) return operand;
  }
  return null;
}
