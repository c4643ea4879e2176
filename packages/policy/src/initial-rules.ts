/** A command rule of the initial policy. */
export interface WrittenPattern {
  readonly id: string;
  readonly argv: readonly (string | readonly string[])[];
  readonly when?: string;
  readonly reason: string;
}

export const SECRETS: readonly string[] = [
  '**/.env*',
  '**/*.pem',
  '**/{id_rsa,id_dsa,id_ecdsa,id_ed25519}*',
  '**/*.{p12,pfx,jks,keystore}',
  '**/{.ssh,.gnupg,.aws,.kube}/**',
  '**/{.netrc,.pgpass,.git-credentials,.pypirc}',
];

const EVERYTHING = ['/', '/*', '~', '~/', '.', './', '..', '../', '*'];

export const DENIED_COMMANDS: readonly WrittenPattern[] = [
  {
    id: 'remove-everything',
    argv: ['rm', ['-rf', '-fr', '-Rf', '-fR', '-r', '-R', '--recursive'], EVERYTHING, '...'],
    reason: 'This deletes everything',
  },
  {
    id: 'remove-everything-forced',
    argv: [
      'rm',
      ['-r', '-R', '--recursive', '-f', '--force'],
      ['-r', '-R', '--recursive', '-f', '--force'],
      EVERYTHING,
      '...',
    ],
    reason: 'This deletes everything',
  },
  {
    id: 'remove-root',
    argv: ['rm', '...'],
    when: '"--no-preserve-root" in action.argv',
    reason: 'This deletes everything',
  },
  {
    id: 'force-push',
    argv: ['git', 'push', '...'],
    when: '"--force" in action.argv || "-f" in action.argv || "--mirror" in action.argv',
    reason: 'Published history is not rewritten',
  },
  {
    id: 'disks',
    argv: [['mkfs', 'mkswap', 'fdisk', 'shutdown', 'reboot'], '...'],
    reason: 'This is for administrators',
  },
];

export const READING_COMMANDS: readonly WrittenPattern[] = [
  {
    id: 'files',
    argv: [
      `ls cat head tail wc grep egrep fgrep rg nl cut tr sort comm cmp diff stat file du df basename dirname realpath
      readlink pwd cd echo which type true false :`.split(/\s+/),
      '...',
    ],
    reason: 'Only reads',
  },
  {
    id: 'git',
    argv: [
      'git',
      `status diff log show blame shortlog describe grep ls-files ls-tree rev-parse rev-list merge-base cat-file name-rev
      diff-tree diff-index check-ignore count-objects`.split(/\s+/),
      '...',
    ],
    reason: 'Only reads',
  },
  {
    id: 'own-task',
    argv: ['signalbox', 'task', ['show', 'why', 'lock'], '...'],
    reason: 'Looks at tasks, or asks for a lock, which is judged on its own',
  },
  { id: 'git-branch', argv: ['git', 'branch'], reason: 'Only reads' },
  {
    id: 'git-branches',
    argv: ['git', 'branch', ['-a', '-r', '-v', '-vv', '--all', '--list', '--show-current']],
    reason: 'Only reads',
  },
  { id: 'command-name', argv: ['command', ['-v', '-V'], '...'], reason: 'Only reads' },
  {
    id: 'versions',
    argv: [
      ['node', 'npm', 'npx', 'pnpm', 'yarn', 'git', 'python', 'python3', 'go', 'cargo', 'rustc', 'java', 'make'],
      '--version',
    ],
    reason: 'Only reads',
  },
];

export const ASKING_COMMANDS: readonly WrittenPattern[] = [
  {
    id: 'network',
    argv: [`curl wget ssh scp sftp rsync nc ncat netcat telnet ftp socat`.split(' '), '...'],
    reason: 'This reaches the network',
  },
  {
    id: 'git-remote',
    argv: ['git', ['push', 'fetch', 'pull', 'clone'], '...'],
    reason: 'This reaches a remote repository',
  },
  {
    id: 'install-node',
    argv: [
      ['npm', 'pnpm', 'yarn', 'bun'],
      ['install', 'i', 'ci', 'add', 'update', 'upgrade', 'link', 'publish'],
      '...',
    ],
    reason: 'This downloads and runs code of others',
  },
  {
    id: 'install-python',
    argv: [['pip', 'pip3', 'uv', 'pipx', 'poetry', 'conda'], ['install', 'add', 'sync', 'update', 'download'], '...'],
    reason: 'This downloads and runs code of others',
  },
  {
    id: 'install-other',
    argv: [['cargo', 'go', 'gem', 'brew', 'composer', 'bundle'], ['install', 'add', 'get', 'update', 'require'], '...'],
    reason: 'This downloads and runs code of others',
  },
  {
    id: 'install-system',
    argv: [['apt', 'apt-get', 'dnf', 'yum', 'apk', 'pacman', 'sudo', 'doas'], '...'],
    reason: 'This changes the system',
  },
];
