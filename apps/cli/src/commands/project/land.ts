import { createGit, landForUser } from '@signalbox/runtime';
import type { CommonOptions, Io } from '../../io.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

export async function land(io: Io, options: CommonOptions): Promise<void> {
  const report = await withSignalbox(io, options, (box) =>
    landForUser(box, createGit(box.store.paths.root, io.environment)),
  );
  print(io, options, report, ({ branch, commits, to }) => {
    const what = counted(commits, 'commit');
    return wrapText(`Merged ${what} into ${branch}, which is now at ${to.slice(0, 12)}.`, io.columns, 2);
  });
}
