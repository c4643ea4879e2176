/** Parts of the shell itself, found before anything on PATH. */
export const BUILTINS: ReadonlySet<string> = new Set(
  `: . [ alias bg bind break builtin caller cd command compgen complete compopt continue declare dirs disown echo enable eval
  exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf pushd pwd read readarray
  readonly return set shift shopt source suspend test times trap true type typeset ulimit umask unalias unset wait`.split(
    /\s+/,
  ),
);

/** Builtins that change how the rest of a line is read or what its names mean, or that evaluate their operands. */
export const STATEFUL_BUILTINS: ReadonlySet<string> = new Set(
  `. [ alias bind compgen complete compopt declare enable eval export fc getopts hash let local mapfile popd printf pushd read
  readarray readonly set shopt source test trap typeset unalias unset wait`.split(/\s+/),
);

/** Shells whose `-c` script is read as bash. */
export const POSIX_SHELLS: ReadonlySet<string> = new Set(['sh', 'bash', 'dash', 'ash', 'ksh', 'mksh']);

/** Shells with a grammar of their own, which is not parsed here. */
export const OTHER_SHELLS: ReadonlySet<string> = new Set([
  'zsh',
  'fish',
  'csh',
  'tcsh',
  'pwsh',
  'powershell',
  'nu',
  'cmd',
]);

/** The last segment of a program's name. */
export function baseName(program: string): string {
  return program.slice(program.lastIndexOf('/') + 1);
}
