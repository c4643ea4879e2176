import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import { describeConformance, type Scenario, type Stage, scenariosOf } from '../../src/conformance/index.js';
import { codexConnector } from '../../src/index.js';
import { type CodexScript, line, standIn as scriptedCodex } from '../codex-bench.js';
import { standIn } from './agents.js';

/** What the stand-in of the other tests can play. */
const scripted =
  (write: (stage: Stage) => CodexScript) =>
  (stage: Stage): Scenario => {
    const file = join(stage.folder, 'script.json');
    writeFileSync(file, JSON.stringify(write(stage)));
    return { config: { program: scriptedCodex }, environment: { FAKE_CODEX_SCRIPT: file } };
  };

const opening = ({ word }: Stage) => [line.started, line.turn, line.text(word)];

const scenarios = {
  ...scenariosOf({ agent: standIn('codex'), config: (program) => ({ program }) }),
  fails: scripted((stage) => ({ lines: [...opening(stage), line.failed('unexpected status 500')], exitCode: 1 })),
  lies: scripted((stage) => ({ lines: [...opening(stage), line.completed()], exitCode: 4 })),
  'says-nothing': scripted((stage) => ({ lines: opening(stage) })),
  crashes: scripted((stage) => ({ lines: opening(stage), signal: 'SIGSEGV' })),
  lingers: scripted((stage) => ({ lines: [...opening(stage), line.completed()], stay: true })),
};

describeConformance({ connector: codexConnector, scenarios }, { describe, it }, { floodBytes: 70 * 1024 * 1024 });
