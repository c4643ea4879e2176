import { openQuestions } from '@signalbox/runtime/project';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { print } from '../../terminal/print.js';
import { table } from '../../terminal/table.js';

export async function list(io: Io, options: CommonOptions & { all?: boolean; task?: string }): Promise<void> {
  const approvals = await withStore(io, options, async (store) => {
    const task = options.task === undefined ? {} : { task: await store.tasks.resolve(options.task) };
    return options.all ? store.records.approvals.list(task) : openQuestions(store, task);
  });
  print(io, options, { approvals }, (told) => {
    if (told.approvals.length === 0) {
      return options.all ? 'Nothing was ever asked.' : 'Nothing waits for an answer.';
    }
    const rows = told.approvals.map(({ id, state, requester, expiresAt, what }) => [
      id,
      state,
      requester,
      expiresAt.slice(0, 16).replace('T', ' '),
      what,
    ]);
    return table(['ID', 'STATE', 'WHO', 'UNTIL (UTC)', 'WANTS TO'], rows, io.columns);
  });
}
