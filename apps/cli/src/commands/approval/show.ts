import type { JsonObject } from '@signalbox/kernel';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

export async function show(io: Io, id: string, options: CommonOptions): Promise<void> {
  const approval = await withStore(io, options, async ({ records }) =>
    records.approvals.get(await records.approvals.resolve(id)),
  );
  print(io, options, { approval }, ({ approval: told }) => {
    const paint = paintFor(io);
    const lines = [
      `${paint.bold(told.requester)} wants to ${paint.bold(told.what)}`,
      `${told.id}, ${told.state}, asked ${told.requestedAt}`,
      told.state === 'waiting' ? `can be answered until ${told.expiresAt}` : '',
      told.task === null ? '' : `task ${told.task}`,
      `asked by ${told.rules.join(', ') || 'the default'}; decision ${told.decision}`,
      told.approvers.length > 0 ? `to be answered by ${told.approvers.map(whoIs).join(' and ')}` : '',
      ...details(told.exactly),
    ].filter((line) => line !== '');
    if (told.answer) {
      const { by, at, effect, scope, reason } = told.answer;
      const verb = effect === 'approve' ? paint.good('approved') : paint.bad('rejected');
      lines.push(`${verb} by ${by} at ${at} (${scope})${reason === null ? '' : `: ${reason}`}`);
    } else if (told.state === 'waiting') {
      lines.push('', `Answer with \`signalbox approval approve ${told.id}\` or \`… reject\`.`);
    }
    return wrapText(lines.join('\n'), io.columns, 2);
  });
}

/** What the question is about in full: the text of a task, the arguments of a tool. */
function details(exactly: JsonObject | null): string[] {
  return Object.entries(exactly ?? {})
    .filter(([, value]) => value !== '' && !isEmpty(value))
    .map(([name, value]) => `  ${name}: ${typeof value === 'string' ? value : JSON.stringify(value)}`);
}

function isEmpty(value: JsonObject[string]): boolean {
  return value === null || (typeof value === 'object' && Object.keys(value).length === 0);
}

function whoIs(approver: string): string {
  if (approver === 'not-author') return 'somebody other than the author';
  return approver === 'user' ? 'any user' : approver;
}
