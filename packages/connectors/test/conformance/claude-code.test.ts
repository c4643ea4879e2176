import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, it } from '@jest/globals';
import type { JsonObject } from '@signalbox/kernel';
import { fixture } from '@signalbox/testkit';
import { describeConformance, type Scenario, type Stage, scenariosOf } from '../../src/conformance/index.js';
import { claudeCodeConnector } from '../../src/index.js';
import { standIn } from './agents.js';

/** What the stand-in of the other tests can play, with real tools and the whole of the control protocol. */
const scripted =
  (write: (stage: Stage) => JsonObject) =>
  (stage: Stage): Scenario => {
    const file = join(stage.folder, 'script.json');
    writeFileSync(file, JSON.stringify(write(stage)));
    return { config: { program: fixture('scripted-claude.mjs') }, environment: { FAKE_CLAUDE_SCRIPT: file } };
  };

const saying = ({ word }: Stage, ...more: JsonObject[]): JsonObject[] => [{ text: word }, ...more];

const scenarios = {
  ...scenariosOf({ agent: standIn('claude'), config: (program) => ({ program }) }),
  fails: scripted((stage) => ({ turns: saying(stage), result: { subtype: 'error_max_turns', is_error: true } })),
  lies: scripted((stage) => ({ turns: saying(stage), exitCode: 3 })),
  'says-nothing': scripted((stage) => ({ turns: saying(stage, { fault: 'stop' }) })),
  crashes: scripted((stage) => ({ turns: saying(stage, { fault: 'crash' }) })),
  silent: scripted(() => ({ turns: [{ fault: 'silent-start' }] })),
  lingers: scripted((stage) => ({ turns: saying(stage, { fault: 'linger' }) })),
  asks: scripted((stage) => ({
    turns: saying(stage, { tools: [{ name: 'Write', input: { file_path: stage.files.deed, content: stage.word } }] }),
  })),
};

const subject = { connector: claudeCodeConnector, scenarios };

describeConformance(subject, { describe, it }, { floodBytes: 70 * 1024 * 1024 });
