import { type DiscardedWorkspace, discardWorkspaces, findWorkspaces } from '@signalbox/runtime';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { agree } from '../../terminal/agree.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

interface DiscardOptions extends CommonOptions {
  yes?: boolean;
  force?: boolean;
}

export async function discard(io: Io, target: string, options: DiscardOptions): Promise<void> {
  // A script's variable that is not set.
  if (target.trim() === '') {
    throw usage('No task and no attempt is named.', 'See those that there are with `signalbox workspace list`.');
  }
  const discarded = await withSignalbox(io, options, async (box) => {
    box.door.refuseAgents(box.actor, 'discard a workspace');
    const found = await findWorkspaces(box.executor, target);
    if (options.yes !== true) {
      const about = found
        .map(({ path, state, task }) => `${path}, ${state.replace('_', ' ')}, of ${task?.id}: ${task?.title}`)
        .join('\n');
      const question = found.length === 1 ? 'Discard it?' : `Discard all ${found.length}?`;
      await agree(io, { about, question, look: 'signalbox workspace list' });
    }
    return discardWorkspaces(box, found, { force: options.force === true });
  });
  print(io, options, { discarded }, (told) =>
    wrapText(told.discarded.map((each) => describe(each)).join('\n'), io.columns, 2),
  );
}

function describe({ name, task, patches, whole }: DiscardedWorkspace): string {
  if (patches.length === 0)
    return `Discarded ${name}; ${whole ? 'nothing was changed in it' : 'no patch of it is kept'}.`;
  const kept = whole ? 'A patch' : 'A patch of a part';
  return `Discarded ${name}. ${kept} is kept: \`signalbox evidence show ${task}\`.`;
}
