import type { AgentEvent, RunIo, RunRequest } from '../../../src/contract.js';
import type { OutputLine, RunningProcess } from '../../../src/process/types.js';
import { type Fixtures, onResult } from './parts.js';
import { createReference, WELL } from './reference.js';

export const STOPPING: Fixtures = {
  'starts in spite of an abort': {
    connector: createReference({ refuse: () => null }),
    caught: ['starts nothing when it is aborted before it begins'],
  },
  'ignores an abort': {
    connector: createReference({ signal: () => new AbortController().signal }),
    caught: ['stops when it is aborted, with the reason that it was given', 'ends an agent that ignores signals'],
  },
  'forgets the reason of an abort': {
    connector: onResult((event) => [
      { ...event, failure: event.failure && { class: 'cancelled', message: 'Stopped.' } },
    ]),
    caught: ['stops when it is aborted, with the reason that it was given'],
  },
  'calls a cancel an error': {
    connector: onResult((event) => [
      { ...event, failure: event.failure && { class: 'agent_error', message: 'Aborted.' } },
    ]),
    caught: ['takes an abort without a reason as cancelled'],
  },
  'ignores the limits': {
    connector: createReference({ limits: () => ({ wallMs: 1e9, idleMs: 1e9, startMs: 1e9 }) }),
    caught: ['obeys the idle limit', 'obeys the start limit', 'obeys the wall-clock limit'],
  },
  'counts work as idleness': {
    connector: createReference({ limits: ({ limits }) => ({ ...limits, wallMs: limits.idleMs }) }),
    caught: ['lets an agent go on that shows signs of life'],
  },
  'leaves its agent to itself': {
    connector: createReference({ cleanUp: async () => {} }),
    caught: ['stops its agent when the consumer leaves'],
  },
  'does not wait for the end of its agent': {
    connector: createReference({}, { run: hasty }),
    caught: ['ends an agent that stays after its last word'],
  },
};

async function* untilDone(child: RunningProcess): AsyncGenerator<OutputLine> {
  for await (const line of child.lines()) {
    yield line;
    if (line.text.includes('"done"')) return;
  }
}

/** Ends the run with the agent's word, not with the agent. */
async function* hasty(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  const child = await WELL.start(request, io);
  child.stdin?.write('{}\n');
  for await (const _ of untilDone(child)) {
    // until its last word
  }
  yield { type: 'result', failure: null, exitCode: 0, usage: {}, summary: '' };
}
