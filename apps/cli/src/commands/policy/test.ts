import { testPolicy } from '@signalbox/runtime';
import { EXIT } from '../../exit-codes.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { describeProblems } from './describe-problems.js';
import { readPolicyFiles } from './policy-files.js';

export async function test(io: Io, named: readonly string[], options: CommonOptions): Promise<number> {
  const files = (await readPolicyFiles(io, named, options)).map((source) => ({
    file: source.path,
    ...testPolicy({ ...source, trusted: true }),
  }));
  const problems = files.flatMap((each) => each.problems);
  const ok = problems.length === 0;
  print(io, options, { ok, files }, (told) => {
    const paint = paintFor(io);
    return told.files
      .map(({ file, tests, problems: found }) => {
        if (found.length > 0) return describeProblems(found, io);
        return `${paint.good('passed')} ${file}: ${tests === 0 ? 'it has no tests' : counted(tests, 'test')}`;
      })
      .join('\n');
  });
  return ok ? EXIT.done : EXIT.invalidFile;
}
