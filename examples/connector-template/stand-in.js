// Stands in for the agent in the tests: speaks as it does, and does what the suite tells it.
import { playAgent } from '@signalbox/connectors/conformance/agent';

await playAgent({
  async open({ next }) {
    await next();
    return { type: 'hello', session: 's-1' };
  },
  say: (text) => ({ type: 'say', text }),
  succeed: (text) => ({ type: 'done', text, tokens: 7 }),
  fail: (text) => ({ type: 'failed', text }),
  async ask({ command }, { print, next }) {
    await print({ type: 'ask', command });
    return JSON.parse((await next()) ?? '{}').allow === true;
  },
});
