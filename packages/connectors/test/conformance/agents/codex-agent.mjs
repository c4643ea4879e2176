// Stands in for codex where the scripted one cannot be brought to do it: it prints all at once.
import { playAgent } from '../../../fixtures/play-agent.mjs';

const item = (text) => ({ type: 'item.completed', item: { id: 'item_9', type: 'agent_message', text } });
const usage = { input_tokens: 100, cached_input_tokens: 60, output_tokens: 7, reasoning_output_tokens: 2 };

await playAgent({
  version: 'codex-cli 0.169.0',
  async open({ next }) {
    for (let line = await next(); line !== null; ) line = await next();
    return [{ type: 'thread.started', thread_id: '01a20856-886c-7141-a546-6d2970b37535' }, { type: 'turn.started' }];
  },
  say: item,
  succeed: (text) => [item(text), { type: 'turn.completed', usage }],
  fail: (message) => ({ type: 'turn.failed', error: { message } }),
});
