import type { Block } from '@signalbox/task-core';

/** One reason for a block, in words. */
export function describeBlock(block: Block): string {
  switch (block.kind) {
    case 'dependency':
      return block.state === 'unmet'
        ? `it needs ${block.task}`
        : `${block.task}, which it needs, ${block.state === 'failed' ? 'failed' : 'was cancelled'}`;
    case 'lock':
      return `${block.task} holds ${block.glob}`;
    case 'approval':
      return block.approval === undefined
        ? `an approval is needed to ${block.what} (${block.decision})`
        : `an approval is needed to ${block.what}: \`signalbox approval approve ${block.approval}\``;
    case 'quota':
      return `a quota is used up until ${block.until}`;
    case 'landing':
    case 'human':
      return block.reason;
  }
}
