import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { RuntimeError } from '../errors.js';
import type { PrivateGit } from './private-git.js';

export interface HiddenRequest {
  /** A commit or tree, whose ignore rules are those that count. */
  base: string;
  /** The folder as it is, without what is ignored now. */
  tree: string;
  /** A folder of our own. */
  place: string;
}

const RULES = ':(glob)**/.gitignore';

/**
 * The files that git ignores for no other reason than that `.gitignore` files were written since `base`: whoever worked there could
 * hide work by such rules. A repository among them is named with a slash at the end.
 */
export async function hiddenFiles(git: PrivateGit, { base, tree, place }: HiddenRequest): Promise<string[]> {
  const environment = { GIT_INDEX_FILE: join(place, 'hidden.index') };
  await git.run(['read-tree', tree], { environment });
  const ignored = (...only: string[]): Promise<string> =>
    git.run(['ls-files', '-z', '--others', '--ignored', '--exclude-standard', ...only], { environment });
  // A file of rules can ignore itself.
  const rewritten = await git.run(['diff-tree', '-r', '--name-only', base, tree, '--', RULES]);
  if (rewritten === '' && (await ignored('--', RULES)) === '') return [];
  const paths = namesIn(await ignored());
  const usual = new Set([...git.excluded, ...(await ignoredBy(git, base, place, paths))]);
  return paths.filter((path) => !usual.has(path));
}

/** Of some paths those that the rules of one commit ignore. They are judged in a folder that has these rules and no files. */
async function ignoredBy(git: PrivateGit, base: string, place: string, paths: readonly string[]): Promise<string[]> {
  if (paths.length === 0) return [];
  const folder = join(place, 'rules');
  await mkdir(folder, { recursive: true });
  const environment = { GIT_INDEX_FILE: join(place, 'rules.index'), GIT_WORK_TREE: folder };
  await git.run(['read-tree', base], { environment });
  const staged = namesIn(await git.run(['ls-files', '--stage', '-z', '--', RULES], { environment }));
  // Git follows no link that has this name.
  const rules = staged.filter((line) => line.startsWith('100')).map((line) => line.slice(line.indexOf('\t') + 1));
  if (rules.length > 0) {
    await git.run(['checkout-index', '--force', '-z', '--stdin'], { environment, input: joined(rules) });
  }
  const args = ['check-ignore', '--no-index', '-z', '--stdin'];
  // A name that begins with a colon would be pathspec magic, and this command knows no `--literal-pathspecs`.
  const input = joined(paths.map((path) => `./${path}`));
  const { exitCode, stdout, stderr } = await git.attempt(args, { environment, input });
  // 1: none of them.
  if (exitCode > 1) throw notJudged(stderr);
  return namesIn(stdout).map((path) => path.slice('./'.length));
}

/** The tree with more files of the folder in it, whatever ignores them. */
export async function treeWith(
  git: PrivateGit,
  tree: string,
  paths: readonly string[],
  place: string,
): Promise<string> {
  const environment = { GIT_INDEX_FILE: join(place, 'with.index') };
  await git.run(['read-tree', tree], { environment });
  await git.run(['update-index', '--add', '-z', '--stdin'], { environment, input: joined(paths) });
  return git.run(['write-tree'], { environment });
}

function namesIn(output: string): string[] {
  return output.split('\0').filter((name) => name !== '');
}

function joined(names: readonly string[]): string {
  return names.map((name) => `${name}\0`).join('');
}

function notJudged(said: string): RuntimeError {
  return new RuntimeError({
    code: 'GIT_FAILED',
    message: `\`git check-ignore\` failed: ${said.trim()}.`,
    hint: 'See what `git status --ignored` says in the folder.',
  });
}
