import { answerApproval, suggestForApproval } from '@signalbox/runtime';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parseDuration } from '../../parse.js';
import { paintFor } from '../../terminal/colour.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';

export interface AnswerOptions extends CommonOptions {
  scope: string;
  holds?: string;
  reason?: string;
}

const SCOPES = { approve: ['once', 'task', 'always'], reject: ['once', 'task'] } as const;
type Scope = 'once' | 'task' | 'always';

export async function answer(io: Io, effect: 'approve' | 'reject', id: string, options: AnswerOptions): Promise<void> {
  const scope = SCOPES[effect].find((each) => each === options.scope) as Scope | undefined;
  if (!scope) {
    const known = SCOPES[effect].join(', ');
    throw usage(`--scope is one of ${known}, not "${options.scope}".`, `For example: --scope ${SCOPES[effect][1]}`);
  }
  const holdsMs = parseDuration(options.holds ?? '24h');
  const told = await withSignalbox(io, options, async (box) => {
    const full = await box.store.records.approvals.resolve(id);
    const request = { id: full, effect, scope, reason: options.reason ?? null, holdsMs };
    const approval = await answerApproval({ store: box.store, door: box.door, actor: box.actor }, request);
    const suggestion =
      scope === 'always' ? suggestForApproval(box.store, io.environment['PATH'] ?? '', approval) : null;
    const task = approval.task === null ? null : await box.tasks.get(approval.task);
    return { approval, task: task && { id: task.id, status: task.status }, suggestion };
  });
  print(io, options, told, ({ approval, task, suggestion }) => {
    const paint = paintFor(io);
    const verb = effect === 'approve' ? paint.good('Approved') : paint.bad('Rejected');
    const scopeText = { once: 'once', task: 'in this task', always: 'in this task' }[scope];
    const lines = [
      `${verb}: ${approval.requester} may ${effect === 'reject' ? 'not ' : ''}${approval.what} (${scopeText}).`,
    ];
    if (task) lines.push(`${task.id} is ${task.status}.`);
    const said = wrapText(lines.join('\n'), io.columns, 2);
    if (!suggestion) return said;
    const about = wrapText(describeSuggestion(suggestion), io.columns, 2);
    return `${said}\n\nTo allow it always, add to .ai/policy.yaml and run \`signalbox trust\`:\n\n${rulesOf(suggestion.yaml)}\n${about}`;
  });
}

/** Without the lines that the file has already. */
function rulesOf(yaml: string): string {
  return yaml.slice(yaml.indexOf('rules:'));
}

function describeSuggestion({
  wouldMatch,
  wouldNotMatch,
  stillBlocked,
}: NonNullable<ReturnType<typeof suggestForApproval>>): string {
  return [
    wouldMatch.length > 0 ? `It would allow: ${wouldMatch.join('; ')}.` : '',
    wouldNotMatch.length > 0 ? `It would still ask about: ${wouldNotMatch.join('; ')}.` : '',
    stillBlocked.length > 0 ? `These rules stand in its way all the same: ${stillBlocked.join(', ')}.` : '',
  ]
    .filter((line) => line !== '')
    .join('\n');
}
