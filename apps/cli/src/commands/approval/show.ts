import type { JsonObject } from '@signalbox/kernel';
import { findDecision } from '@signalbox/runtime';
import { withStore } from '../../context.js';
import type { CommonOptions, Io } from '../../io.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';

export async function show(io: Io, id: string, options: CommonOptions): Promise<void> {
  const { approval, wanted } = await withStore(io, options, async (store) => {
    const { approvals } = store.records;
    const found = await approvals.get(await approvals.resolve(id));
    return { approval: found, wanted: wantedBy(store, found.decision) };
  });
  print(io, options, { approval, wanted }, ({ approval: told }) => {
    const paint = paintFor(io);
    const lines = [
      `${paint.bold(told.requester)} wants to ${paint.bold(told.what)}`,
      `${told.id}, ${told.state}, asked ${told.requestedAt}`,
      told.state === 'waiting' ? `can be answered until ${told.expiresAt}` : '',
      told.task === null ? '' : `task ${told.task}`,
      `asked by ${told.rules.join(', ') || 'the default'}; decision ${told.decision}`,
      ...whoAnswers(told.approvers, wanted),
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

interface Wanted {
  rule: string;
  want: string;
}

/** Which rule wants whom, by the decision that asked; nothing where that cannot be read any more. */
function wantedBy(store: Parameters<typeof findDecision>[0], decision: string): Wanted[] {
  try {
    const { obligations } = findDecision(store, decision).record;
    return obligations
      .filter(({ kind }) => kind === 'approval' || kind === 'reviewer')
      .map(({ rule, want }) => ({ rule, want }));
  } catch {
    return [];
  }
}

function whoAnswers(approvers: readonly string[], wanted: readonly Wanted[]): string[] {
  if (approvers.length === 0) return [];
  const isOneRule = new Set(wanted.map(({ rule }) => rule)).size < 2;
  const rulesOf = (approver: string): string => {
    const rules = wanted.filter(({ want }) => want === approver).map(({ rule }) => rule);
    return isOneRule || rules.length === 0 ? '' : ` (${rules.join(', ')})`;
  };
  const line = `to be answered by ${approvers.map((each) => `${whoIs(each)}${rulesOf(each)}`).join(' and ')}`;
  const named = approvers.filter((each) => each.startsWith('user:'));
  if (named.length < 2) return [line];
  return [
    line,
    'No one person is all of these, so nobody can approve it: change one of the rules (`signalbox policy check`).',
  ];
}

function whoIs(approver: string): string {
  if (approver === 'not-author') return 'somebody other than the author';
  return approver === 'user' ? 'any user' : approver;
}
