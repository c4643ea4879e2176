import { checkAction, explainDecision } from '@signalbox/runtime';
import { usage } from '../../errors.js';
import type { CommonOptions, Io } from '../../io.js';
import { parsePairs } from '../../parse.js';
import { print } from '../../terminal/print.js';
import { wrapText } from '../../terminal/wrap-text.js';
import { withSignalbox } from '../../with-signalbox.js';
import { describeDecision } from './describe-decision.js';

export interface ExplainOptions extends CommonOptions {
  command?: string;
  path?: string;
  url?: string;
  tool?: string;
  ai?: string;
  task?: string;
  set?: string[];
  headless?: boolean;
  interactive?: boolean;
}

export async function explain(io: Io, action: string, options: ExplainOptions): Promise<void> {
  const unknown = checkAction(action);
  if (unknown !== null) throw usage(unknown, 'See the actions in docs/policy.md.');
  const record = await withSignalbox(io, options, async (box) =>
    explainDecision(box, {
      action,
      parts: partsOf(action, options),
      extra: parsePairs(options.set ?? [], '--set'),
      ...(options.ai === undefined ? {} : { ai: options.ai }),
      ...(options.task === undefined ? {} : { task: await box.tasks.resolve(options.task) }),
      headless: options.interactive !== true,
    }),
  );
  print(io, options, record, (told) => wrapText(describeDecision(told, io), io.columns, 4));
}

function partsOf(
  action: string,
  options: ExplainOptions,
): { command?: string; path?: string; url?: string; tool?: string } {
  const needed = (
    {
      'shell.run': 'command',
      'file.read': 'path',
      'file.write': 'path',
      'net.fetch': 'url',
      'tool.call': 'tool',
    } as const
  )[action as 'shell.run'] as 'command' | 'path' | 'url' | 'tool' | undefined;
  if (needed === undefined) return {};
  const value = options[needed];
  if (value === undefined)
    throw usage(`${action} needs --${needed}.`, `For example: signalbox policy explain ${action} --${needed} …`);
  return { [needed]: value };
}
