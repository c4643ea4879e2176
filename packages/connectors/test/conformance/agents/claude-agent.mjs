// Stands in for claude where the scripted one cannot be brought to do it: floods, dies in a line, stays in spite of signals.
import { playAgent } from '../../../fixtures/play-agent.mjs';

const session_id = '01a20856-886c-4141-a546-6d2970b37535';
const assistant = (text) => ({ type: 'assistant', message: { content: [{ type: 'text', text }] }, session_id });
const result = (fields) => ({ type: 'result', subtype: 'success', usage: {}, num_turns: 1, session_id, ...fields });

await playAgent({
  version: '2.1.197 (Claude Code)',
  async open({ next }) {
    for (let line = await next(); line !== null && !line.includes('"type":"user"'); ) line = await next();
    return { type: 'system', subtype: 'init', session_id, model: 'm-1', claude_code_version: '2.1.197' };
  },
  say: assistant,
  succeed: (text) => result({ is_error: false, result: text, stop_reason: 'end_turn', terminal_reason: 'completed' }),
  fail: (text) => result({ subtype: 'error_during_execution', is_error: true, errors: [text] }),
});
