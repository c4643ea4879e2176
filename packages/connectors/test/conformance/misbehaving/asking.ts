import type { AgentEvent, Connector, RunIo, RunRequest } from '../../../src/contract.js';
import { type Fixtures, telling, well } from './parts.js';
import { createReference } from './reference.js';

let lastText: AgentEvent | undefined;
const live = new Set<AbortSignal>();

export const ASKING: Fixtures = {
  'takes every answer as yes': {
    connector: createReference({ isAllowed: () => true }),
    caught: ['takes a refusal as no'],
  },
  'takes a failed answer as yes': {
    connector: createReference({ failed: true }),
    caught: ['takes a failed answer as no'],
  },
  'asks and does not listen': {
    connector: createReference({ isAllowed: (answer) => answer?.allow !== false }),
    caught: ['takes a missing answer as no'],
  },
  'overlooks a stop': {
    connector: deciding((decide) => async (asked) => ({ ...(await decide(asked)), stop: false })),
    caught: ['ends the attempt when an answer says stop'],
  },
  'asks nobody': {
    connector: deciding(() => async () => ({ allow: true, message: 'I am sure.' })),
    caught: ['asks before its agent acts, and lets it after a yes'],
  },
  'waits for an answer whatever happens': {
    connector: createReference({}, { run: patient }),
    caught: ['can be aborted while an answer is waited for'],
  },
  'grows impatient with people': {
    connector: createReference({ pausesForDecisions: false }),
    caught: ['does not take a person’s thinking for a stall'],
  },
  'tells of one run in another': {
    connector: telling((event) => {
      if (event.type !== 'text') return [event];
      const earlier = lastText;
      lastText = event;
      return earlier ? [earlier, event] : [event];
    }),
    caught: ['keeps two runs apart'],
  },
  'mixes up its runs': {
    connector: createReference({}, { run: sharing }),
    caught: ['stops only the run that is aborted'],
  },
};

/** The reference with another way to ask. */
function deciding(change: (decide: RunIo['decide']) => RunIo['decide']): Connector {
  return createReference({}, { run: (request, io) => well.run(request, { ...io, decide: change(io.decide) }) });
}

/** Waits for every question to be answered before it ends. */
async function* patient(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  const pending: Promise<unknown>[] = [];
  const decide: RunIo['decide'] = (asked) => {
    const answer = io.decide(asked);
    pending.push(answer);
    return answer;
  };
  for await (const event of well.run(request, { ...io, decide })) {
    if (event.type === 'result') await Promise.all(pending);
    yield event;
  }
}

/** An abort of one run ends those that began after it. */
async function* sharing(request: RunRequest, io: RunIo): AsyncGenerator<AgentEvent> {
  live.add(io.signal);
  try {
    yield* well.run(request, { ...io, signal: AbortSignal.any([...live]) });
  } finally {
    live.delete(io.signal);
  }
}
