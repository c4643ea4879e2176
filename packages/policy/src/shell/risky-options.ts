import { baseName } from './programs.js';

interface Risk {
  /** Long options; a prefix of one counts too, since most programs accept unambiguous abbreviations. */
  readonly long: readonly string[];
  /** Letters that count anywhere in a cluster of short options. */
  readonly short: string;
  readonly what: string;
}

// Options by which a program that only reads starts another one or writes a file. Sources: the manuals of git 2.47,
// ripgrep 14, GNU findutils 4.10 and coreutils 9.5.
const RISKS: Record<string, Risk> = {
  git: {
    long: [
      '--ext-diff',
      '--textconv',
      '--filters',
      '--output',
      '--output-directory',
      '--open-files-in-pager',
      '--config-env',
      '--exec-path',
      '--exec',
      '--upload-pack',
      '--receive-pack',
      '--git-dir',
      '--work-tree',
    ],
    short: '',
    what: 'lets git start a program, write a file or use another repository',
  },
  rg: { long: ['--pre', '--hostname-bin'], short: '', what: 'lets rg start a program' },
  sort: { long: ['--output', '--compress-program'], short: 'o', what: 'lets sort write a file or start a program' },
  tree: { long: [], short: 'o', what: 'lets tree write a file' },
  file: { long: ['--compile'], short: 'C', what: 'lets file write a file' },
};

const FIND_ACTIONS = /^-(?:exec|execdir|ok|okdir|delete|fprint|fprint0|fprintf|fls)$/;

/** Why one of the operands makes a program do more than its name says; `null` if none does. */
export function riskyOption(program: string, operands: readonly (string | null)[]): string | null {
  const name = baseName(program);
  for (const [index, operand] of operands.entries()) {
    if (operand === null) continue;
    if (name === 'find' && FIND_ACTIONS.test(operand)) return `${operand} lets find start a program or change files`;
    if (name === 'git' && isGitShort(operands, operand, index))
      return `git ${operand} starts a program or moves elsewhere`;
    const risk = Object.hasOwn(RISKS, name) ? RISKS[name] : undefined;
    if (risk && isRisky(risk, operand)) return `${operand.split('=')[0]} ${risk.what}`;
  }
  return null;
}

function isRisky(risk: Risk, operand: string): boolean {
  if (operand.startsWith('--')) {
    const option = operand.split('=')[0] as string;
    return option.length >= 4 && risk.long.some((each) => each.startsWith(option));
  }
  return operand.startsWith('-') && [...risk.short].some((letter) => /^-[A-Za-z]*$/.test(upTo(operand, letter)));
}

/** The cluster through its first `letter`; the operand itself if the letter is not in it, made to fail the test above. */
function upTo(operand: string, letter: string): string {
  const at = operand.indexOf(letter);
  return at === -1 ? ' ' : operand.slice(0, at + 1);
}

/** Before its subcommand git takes `-c key=value` and `-C folder`; `git grep -O` opens a pager. */
function isGitShort(operands: readonly (string | null)[], operand: string, index: number): boolean {
  const subcommand = operands.findIndex((each) => each !== null && !each.startsWith('-'));
  if (index < subcommand || subcommand === -1) return /^-[cCp]/.test(operand);
  return operands[subcommand] === 'grep' && operand.startsWith('-O');
}
