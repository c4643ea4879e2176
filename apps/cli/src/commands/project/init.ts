import { resolve } from 'node:path';
import { initProject } from '@signalbox/runtime';
import { findHome } from '@signalbox/runtime/project';
import type { CommonOptions, Io } from '../../io.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

export async function init(io: Io, options: CommonOptions & { base?: string }): Promise<void> {
  const report = await initProject({
    folder: options.root === undefined ? io.cwd : resolve(io.cwd, options.root),
    explicit: options.root !== undefined,
    ...(options.base === undefined ? {} : { base: options.base }),
    home: findHome(io.environment),
    environment: io.environment,
  });
  print(io, options, report, ({ root, base, git, created, kept, setup }) => {
    const lines = [`${root} is a Signalbox project; work starts from ${base}.`];
    if (created.length > 0) lines.push(`Written and trusted: ${created.join(', ')}.`);
    if (kept.length > 0) lines.push(`Left as it was: ${kept.join(', ')}.`);
    if (setup.length > 0) lines.push(`Each worktree is set up with: ${setup.join('; ')} (see .ai/config.yaml).`);
    if (!git) lines.push('This is no git repository: tasks run in place and nothing is landed.');
    const commit = git && created.length > 0 ? ["      git add .ai && git commit -m 'Add Signalbox'"] : [];
    lines.push('', 'Next: signalbox doctor', ...commit, '      signalbox ai register claude --connector claude-code');
    return wrapText(lines.join('\n'), io.columns, 2);
  });
}
