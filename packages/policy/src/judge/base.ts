import type { Effect } from '../effect.js';
import type { PolicyRequest } from '../request.js';

const OWN_COMMANDS = /^(?:task|ai|workflow|skill|audit|backup|approval|policy|workspace)\./;
const USERS_ALONE: readonly string[] = ['approval.answer', 'policy.override'];

/** What the built-in base under all layers says about a request; `null` if it says nothing. */
export interface BaseVerdict {
  readonly effect: Effect;
  /** One sentence. */
  readonly reason: string;
}

/**
 * The base allows what a user does with the queue and the log and the lines that user wrote, and what the system does with
 * tasks and with plugins that a user has agreed to; any rule overrides that. It denies everybody but a user the answers and
 * overrides that are a user's alone; no rule does.
 */
export function baseVerdict(request: PolicyRequest): BaseVerdict | null {
  const { subject, action, resource } = request;
  if (USERS_ALONE.includes(action.name) && subject.kind !== 'user') {
    return { effect: 'deny', reason: `Only a user may do ${action.name}.` };
  }
  if (subject.kind === 'user' && OWN_COMMANDS.test(action.name)) {
    return { effect: 'allow', reason: "This is a user's own command, which the built-in base allows." };
  }
  if (subject.kind === 'system' && action.name.startsWith('task.')) {
    return { effect: 'allow', reason: 'Signalbox itself keeps the queue, which the built-in base allows.' };
  }
  if (subject.kind === 'system' && action.name === 'connector.load') {
    return { effect: 'allow', reason: 'A user has agreed to this plugin, so the built-in base lets it be loaded.' };
  }
  if (action.name === 'shell.run' && resource['origin'] === 'user') {
    return { effect: 'allow', reason: 'A user wrote this line, which the built-in base allows.' };
  }
  return null;
}
