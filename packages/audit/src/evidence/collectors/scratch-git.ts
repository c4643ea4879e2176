import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { devNull, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { failed } from './failed.js';

/** Git that sees a repository's objects and a folder's files, but writes, and is configured, elsewhere. */
export interface ScratchGit {
  /** The top of the working tree. */
  readonly top: string;
  /** Runs git on the files of the folder. Rejects with `COLLECT_FAILED`. */
  run(args: readonly string[], maxBytes?: number): Promise<Buffer>;
  /** Runs git on objects alone: no attributes of the folder apply. Rejects as {@link run}; `null` above `maxBytes`. */
  show(args: readonly string[], maxBytes?: number): Promise<Buffer | null>;
  /** The tree of a revision of the repository, or `null` if it has none such. */
  treeOf(revision: string): Promise<string | null>;
  remove(): Promise<void>;
}

const MAX_BYTES = 256 * 1024 * 1024;
/** Nothing that a repository or an agent configures is to be run. */
const SETTINGS = {
  'core.fsmonitor': 'false',
  'core.hooksPath': devNull,
  'core.attributesFile': devNull,
  'core.autocrlf': 'false',
  'core.safecrlf': 'false',
  'core.untrackedCache': 'false',
  'advice.addEmbeddedRepo': 'false',
  'gc.auto': '0',
  'protocol.allow': 'never',
};

interface Repository {
  top: string;
  common: string;
  format: string;
}

/** The repository that a folder is in, or `null` if it is in none. Rejects with `COLLECT_FAILED` for one that git refuses. */
export async function findRepository(folder: string): Promise<Repository | null> {
  const args = ['rev-parse', '--show-toplevel', '--git-common-dir', '--show-object-format'];
  const { output, error } = await git(args, folder, {}, MAX_BYTES);
  if (error) {
    if (/not a git repository|must be run in a work tree/i.test(error.message)) return null;
    throw failed('Git does not read the repository', 'See what `git status` says there.', error);
  }
  const [top = '', common = '', format = 'sha1'] = output.toString('utf8').trimEnd().split('\n');
  return { top, common: resolve(folder, common), format };
}

/** Makes a git folder of its own for a repository, in the system's folder for temporary files. Remove it at the end. */
export async function openScratchGit(folder: string): Promise<ScratchGit | null> {
  const repository = await findRepository(folder);
  if (!repository) return null;
  const { top, common, format } = repository;
  const scratch = await realpath(await mkdtemp(join(tmpdir(), 'signalbox-diff-')));
  const place = { GIT_DIR: join(scratch, 'git'), GIT_INDEX_FILE: join(scratch, 'index') };
  const remove = (): Promise<void> => rm(scratch, { recursive: true, force: true });
  try {
    const made = await git(
      ['init', '--quiet', '--bare', '--template=', `--object-format=${format}`, place.GIT_DIR],
      scratch,
      {},
      MAX_BYTES,
    );
    if (made.error) throw made.error;
    await mkdir(join(place.GIT_DIR, 'objects', 'info'), { recursive: true });
    await writeFile(join(place.GIT_DIR, 'objects', 'info', 'alternates'), `${join(common, 'objects')}\n`);
  } catch (error) {
    await remove();
    throw failed('A scratch repository cannot be made', 'See whether the folder for temporary files is full.', error);
  }
  const onFiles = ['-c', 'core.bare=false', '-c', `core.excludesFile=${join(common, 'info', 'exclude')}`];
  return {
    top,
    async run(args, maxBytes = MAX_BYTES) {
      const { output, error } = await git([...onFiles, ...args], top, { ...place, GIT_WORK_TREE: top }, maxBytes);
      if (error) throw failed(`git ${args[0] ?? ''} failed`, 'See what `git status` says in the folder.', error);
      return output;
    },
    async show(args, maxBytes = MAX_BYTES) {
      const { output, error } = await git(args, scratch, place, maxBytes);
      if (error?.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return null;
      if (error) throw failed(`git ${args[0] ?? ''} failed`, 'See what `git fsck` says in the folder.', error);
      return output;
    },
    async treeOf(revision) {
      const args = ['rev-parse', '--verify', '--quiet', '--end-of-options', `${revision}^{tree}`];
      const { output, error } = await git(args, top, {}, MAX_BYTES);
      return error ? null : output.toString('utf8').trim();
    },
    remove,
  };
}

function git(
  args: readonly string[],
  cwd: string,
  place: Record<string, string>,
  maxBuffer: number,
): Promise<{ output: Buffer; error: (Error & { code?: unknown }) | null }> {
  const settings = Object.entries(SETTINGS).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const env = { ...environment(), ...place };
  return new Promise((done) => {
    const options = { cwd, env, maxBuffer, encoding: 'buffer' as const, windowsHide: true };
    execFile('git', [...settings, ...args], options, (error, stdout, stderr) => {
      const said = stderr.toString('utf8').trim();
      if (error && said !== '') error.message = said;
      done({ output: stdout, error });
    });
  });
}

function environment(): NodeJS.ProcessEnv {
  const kept = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return {
    ...Object.fromEntries(kept),
    GIT_CONFIG_GLOBAL: devNull,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    // A folder's own settings could name a program as the transport from which missing objects are fetched.
    GIT_ALLOW_PROTOCOL: '',
    GIT_NO_LAZY_FETCH: '1',
    LC_ALL: 'C',
  };
}
