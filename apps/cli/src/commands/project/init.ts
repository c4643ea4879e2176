import { resolve } from 'node:path';
import { initProject } from '@signalbox/runtime';
import { findHome } from '@signalbox/runtime/project';
import { CliError } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { print } from '../../terminal/print.js';

export async function init(io: Io, options: CommonOptions & { base?: string }): Promise<void> {
  refuseAgents(io);
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
    lines.push('', 'Next: signalbox doctor, then signalbox ai register claude --connector claude-code');
    return lines.join('\n');
  });
}

/** What init writes is trusted, so an agent could write itself the rules that it works under. */
function refuseAgents({ environment }: Io): void {
  if (!environment['SIGNALBOX_ATTEMPT']) return;
  throw new CliError({
    code: 'AGENT_REFUSED',
    message: `An AI may not initialise a project; this process runs for ai:${environment['SIGNALBOX_AI'] || 'unknown'}.`,
    hint: 'A person must do it, in a shell of their own.',
  });
}
