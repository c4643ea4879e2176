import { messageOf } from '@signalbox/kernel';
import { decideHookCall } from '@signalbox/runtime';
import { type CommonOptions, type Io, readAll } from '../../io.js';
import { withSignalbox } from '../../with-signalbox.js';

/** The exit code by which claude takes a hook as a refusal; any other but 0 it would pass over. */
const REFUSE = 2;

export async function hook(io: Io, options: CommonOptions & { for: string; ai: string }): Promise<number> {
  try {
    if (options.for !== 'claude-code') throw new Error(`There is no hook for "${options.for}", only for claude-code.`);
    const call = await readAll(io.stdin);
    const quiet: Io = { ...io, stderr: { write: () => true } };
    const { decision, reason } = await withSignalbox(quiet, options, async ({ executor }) =>
      decideHookCall(executor, options.ai, call),
    );
    const answer = { hookEventName: 'PreToolUse', permissionDecision: decision, permissionDecisionReason: reason };
    io.stdout.write(`${JSON.stringify({ hookSpecificOutput: answer })}\n`);
    return 0;
  } catch (error) {
    io.stderr.write(`Refused, since policy could not be asked: ${messageOf(error)}\n`);
    return REFUSE;
  }
}
