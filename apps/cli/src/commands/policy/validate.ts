import { checkPolicy } from '@signalbox/runtime';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { print } from '../../terminal/print.js';
import { describeProblems } from './describe-problems.js';
import { readPolicyFiles } from './policy-files.js';

export async function validate(io: Io, named: readonly string[], options: CommonOptions): Promise<number> {
  const sources = await readPolicyFiles(io, named, options);
  const problems = sources.flatMap((source) => checkPolicy({ ...source, trusted: true }));
  const files = sources.map(({ path }) => path);
  if (problems.length === 0) {
    print(io, options, { valid: true, files }, (told) => `Valid: ${told.files.join(', ') || 'no policy file'}.`);
    return EXIT.done;
  }
  print(io, options, { valid: false, files, problems }, (told) => describeProblems(told.problems, io));
  return EXIT.invalidFile;
}
