import { isSignalboxError, messageOf } from '@signalbox/kernel';
import { RuntimeError, type RuntimeErrorCode } from '../errors.js';
import type { DiscardedWorkspace } from './discard-workspace.js';

/** What stopped the discarding of several workspaces, with those that have gone before it. */
export function notAll(error: unknown, done: readonly DiscardedWorkspace[]): unknown {
  if (done.length === 0) return error;
  const names = done.map(({ name }) => name).join(', ');
  const { code, hint, details } = isSignalboxError(error) ? error : { code: 'WORKSPACE_FAILED' };
  return new RuntimeError({
    // Of whichever package: callers go by the code.
    code: code as RuntimeErrorCode,
    message: `${messageOf(error)} Discarded before that: ${names}.`,
    ...(hint === undefined ? {} : { hint }),
    details: { ...details, discarded: done.map((each) => ({ ...each })) },
    cause: error,
  });
}
