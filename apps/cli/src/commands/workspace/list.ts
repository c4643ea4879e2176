import { type ListedWorkspace, listWorkspaces } from '@signalbox/runtime';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { counted } from '../../terminal/counted.js';
import { print } from '../../terminal/print.js';
import { table } from '../../terminal/table.js';

export async function list(io: Io, options: CommonOptions): Promise<void> {
  const workspaces = await withStore(io, options, (store) => listWorkspaces(store, io.environment));
  print(io, options, { workspaces }, (told) => {
    if (told.workspaces.length === 0) return 'No workspaces.';
    const rows = told.workspaces.map((each) => [
      each.name,
      each.attempt?.id ?? '-',
      each.state.replace('_', ' '),
      describeChanges(each),
      each.since.slice(0, 16).replace('T', ' '),
      each.path,
    ]);
    return table(['WORKSPACE', 'ATTEMPT', 'STATE', 'CHANGES', 'SINCE (UTC)', 'PATH'], rows, io.columns);
  });
}

export function describeChanges({ state, changes }: Pick<ListedWorkspace, 'state' | 'changes'>): string {
  if (changes === null) return state === 'in_use' || state === 'unknown' ? '-' : 'unreadable';
  const { files, insertions, deletions } = changes;
  return files === 0 ? 'none' : `${counted(files, 'file')}, +${insertions} -${deletions}`;
}
