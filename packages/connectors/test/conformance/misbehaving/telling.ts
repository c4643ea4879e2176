import type { AgentEvent } from '../../../src/contract.js';
import { type Fixtures, onResult, telling, throwing, well } from './parts.js';
import { createReference, WELL } from './reference.js';

export const TELLING: Fixtures = {
  'gives two results': {
    connector: onResult((event) => [event, event]),
    caught: ['ends every run with exactly one result, and nothing after it'],
  },
  'gives no result': {
    connector: onResult(() => []),
    caught: [
      'ends every run with exactly one result, and nothing after it',
      'reports the success of an agent that succeeds',
    ],
  },
  'speaks after its result': {
    connector: onResult((event) => [event, { type: 'text', text: 'one more thing' }]),
    caught: ['ends every run with exactly one result, and nothing after it'],
  },
  'says twice that its agent is up': {
    connector: telling((event) => (event.type === 'started' ? [event, event] : [event])),
    caught: ['says at most once that its agent is up, and before anything but waiting'],
  },
  'says late that its agent is up': {
    connector: telling((event) => {
      if (event.type === 'started') return [];
      return event.type === 'text' ? [event, { type: 'started' }] : [event];
    }),
    caught: ['says at most once that its agent is up, and before anything but waiting'],
  },
  'makes up events': {
    connector: telling((event) =>
      event.type === 'text' ? [{ type: 'thinking' } as unknown as AgentEvent, event] : [event],
    ),
    caught: ['gives only events that the contract knows, in their form'],
  },
  'counts usage in NaN': {
    connector: onResult((event) => [{ ...event, usage: { costUsd: Number.NaN } }]),
    caught: ['counts usage in finite numbers, and leaves out what it does not know'],
  },
  'throws when its agent fails': {
    connector: onResult((event) => {
      if (event.failure) throw new Error(event.failure.message);
      return [event];
    }),
    caught: ['reports the failure of an agent that fails', 'calls an agent crashed that is killed by a signal'],
  },
  'throws when its program is not there': {
    connector: createReference(
      {},
      {
        async *run(request, io) {
          if (String(request.config['program']).endsWith('nothing')) await throwing('spawn ENOENT');
          yield* well.run(request, io);
        },
      },
    ),
    caught: ['gives a result when its program cannot be started'],
  },
  'believes its agent': {
    connector: createReference({ judge: (exit, found) => (found.done ? null : WELL.judge(exit, found)) }),
    caught: ['does not believe an agent that claims success and ends with an error'],
  },
  'takes exit 0 for success': {
    connector: createReference({ judge: (exit, found) => (exit.code === 0 ? null : WELL.judge(exit, found)) }),
    caught: ['does not take an end without a word for success'],
  },
  'calls a crash an error': {
    connector: createReference({ judge: (exit, found) => WELL.judge({ ...exit, code: exit.code ?? 1 }, found) }),
    caught: ['calls an agent crashed that is killed by a signal'],
  },
  'parses without a net': {
    connector: createReference({ parse: (text) => JSON.parse(text) }),
    caught: ['survives an agent that dies inside a line', 'survives output that is not its agent’s language'],
  },
  'takes any session for granted': {
    connector: createReference(
      {},
      {
        run: (request, io) => (request.session === undefined ? well.run(request, io) : telling(lost).run(request, io)),
      },
    ),
    caught: ['begins anew when the session to resume is not there'],
  },
};

function lost(event: AgentEvent): AgentEvent[] {
  return event.type === 'result'
    ? [{ ...event, failure: { class: 'agent_error', message: 'No such session.' } }]
    : [event];
}
