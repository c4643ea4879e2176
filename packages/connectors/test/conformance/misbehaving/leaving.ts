import { spawnSync } from 'node:child_process';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { OutputLine, RunningProcess } from '../../../src/process/types.js';
import type { Fixtures } from './parts.js';
import { createReference, WELL } from './reference.js';
import { startAlone } from './start-alone.js';

let hasWaited = false;

export const LEAVING: Fixtures = {
  'starts its agent by itself': {
    connector: createReference({ start: async (request) => startAlone(request) }),
    caught: ['starts its agent through io.processes', 'leaves none of the processes that its agent has started'],
  },
  'gives its agent our environment': {
    connector: createReference({
      start: (request, io) => WELL.start({ ...request, environment: process.env as Record<string, string> }, io),
    }),
    caught: ['gives its agent the environment of the request and nothing of its own'],
  },
  'writes where it likes': {
    connector: createReference({
      start(request, io) {
        mkdtempSync(join(String(request.environment['HOME']), 'state-'));
        writeFileSync(join(request.workspace, 'notes.txt'), 'mine');
        return WELL.start(request, io);
      },
    }),
    caught: ['writes nowhere but into its own folders'],
  },
  'echoes secrets': {
    connector: createReference({ redact: () => (text) => text }),
    caught: ['keeps secrets out of what it tells'],
  },
  'reads ahead without bound': {
    connector: createReference({ lines: readAhead }),
    caught: ['makes a flooding agent wait while nobody takes its events'],
  },
  'hoards what it reads': {
    connector: createReference(
      {},
      {
        async *run(request, io) {
          const hoard: string[] = [];
          yield* createReference({ keep: (text) => hoard.push(text) }).run(request, io);
          hoard.length = 0;
        },
      },
    ),
    caught: ['reads a flood to its end without hoarding it'],
  },
  'waits in place': {
    connector: createReference({
      start(request, io) {
        if (!hasWaited) spawnSync('sleep', ['2.2']);
        hasWaited = true;
        return WELL.start(request, io);
      },
    }),
    caught: ['never holds up the event loop'],
  },
};

/** Collects while nobody takes. */
async function* readAhead(child: RunningProcess): AsyncGenerator<OutputLine> {
  const hoard: OutputLine[] = [];
  let wake = (): void => {};
  let isOver = false;
  void (async () => {
    for await (const line of child.lines()) {
      hoard.push(line);
      wake();
    }
    isOver = true;
    wake();
  })();
  for (let at = 0; ; at++) {
    while (at >= hoard.length && !isOver) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
    const line = hoard[at];
    if (!line) return;
    yield line;
  }
}
