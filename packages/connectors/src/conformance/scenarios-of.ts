import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { JsonObject } from '@signalbox/kernel';
import type { Scenario, ScenarioOrReason, Scenarios, Situation, Stage } from './subject.js';

/** Every situation that `playAgent` can play, and the one that needs no agent. */
const SITUATIONS: readonly Situation[] = [
  ...(['succeeds', 'fails', 'lies', 'says-nothing', 'crashes', 'half-line', 'garbage', 'silent', 'hangs'] as const),
  ...(['talks-on', 'lingers', 'floods', 'ignores-signals', 'leaves-processes', 'echoes-secrets'] as const),
  ...(['asks', 'waits', 'missing-program'] as const),
];

export interface StandIn {
  /** Absolute path of a Node module that ends with a call of `playAgent`: see `@signalbox/connectors/conformance/agent`. */
  agent: string;
  /** The configuration that makes the connector start `program`, an absolute path. */
  config(program: string, stage: Stage): JsonObject;
  /** Beyond PATH, HOME, TMPDIR and the secret. */
  environment?: Record<string, string>;
  /** Situations that the agent cannot get into, each with the reason in one sentence. */
  except?: { readonly [situation in Situation]?: string };
}

/** Scenarios for a connector that starts a program named in its configuration: a stand-in plays them all. */
export function scenariosOf({ agent, config, environment = {}, except = {} }: StandIn): Scenarios {
  const scenarioIn =
    (situation: Situation) =>
    (stage: Stage): Scenario => {
      const program =
        situation === 'missing-program' ? join(stage.folder, 'nothing') : writeProgram(agent, situation, stage);
      return { config: config(program, stage), environment };
    };
  const entries = SITUATIONS.map((situation): [Situation, ScenarioOrReason] => [
    situation,
    except[situation] ?? scenarioIn(situation),
  ]);
  return Object.fromEntries(entries) as Scenarios;
}

/** A program that starts the stand-in and tells it what to play; whatever arguments it is given are passed on. */
function writeProgram(agent: string, situation: Situation, stage: Stage): string {
  const { word, secret, floodBytes, files, folder } = stage;
  const scene = join(folder, 'scene.json');
  writeFileSync(scene, JSON.stringify({ situation, word, secret, floodBytes, files }));
  const program = join(folder, 'agent');
  const line = [process.execPath, agent, scene].map((path) => `'${path.replaceAll("'", "'\\''")}'`).join(' ');
  // An agent must not be led astray by the options of the one who tests it.
  writeFileSync(program, `#!/bin/sh\nunset NODE_OPTIONS\nexec ${line} "$@"\n`);
  chmodSync(program, 0o755);
  return program;
}
