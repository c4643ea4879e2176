import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Programs of the folder `fixtures`, each told in its own first comment. */
export type FixtureName =
  | 'scripted-claude.mjs'
  | 'holds-lifeline.mjs'
  | 'leaves-grandchildren.mjs'
  | 'ignores-sigterm.mjs'
  | 'floods.mjs'
  | 'half-line.mjs';

/** The absolute path of a fixture program; run it with `process.execPath`. */
export function fixture(name: FixtureName): string {
  return fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
}

/**
 * The real `claude` program for tests, or null when it is not installed: `SIGNALBOX_TEST_CLAUDE`, else what
 * `npm run agents:install` puts into the repository's `.cache/agents`. A path in the variable that does not exist is an error.
 */
export function realClaude(environment: NodeJS.ProcessEnv = process.env): string | null {
  return realAgent('claude', 'SIGNALBOX_TEST_CLAUDE', environment);
}

/** The same for `codex`, which `SIGNALBOX_TEST_CODEX` names. */
export function realCodex(environment: NodeJS.ProcessEnv = process.env): string | null {
  return realAgent('codex', 'SIGNALBOX_TEST_CODEX', environment);
}

/** The same for an agent of the Agent Client Protocol, which `SIGNALBOX_TEST_ACP` names. */
export function realAcpAgent(environment: NodeJS.ProcessEnv = process.env): string | null {
  return realAgent('claude-agent-acp', 'SIGNALBOX_TEST_ACP', environment);
}

function realAgent(name: string, variable: string, environment: NodeJS.ProcessEnv): string | null {
  const told = environment[variable];
  if (told) {
    if (!existsSync(told)) throw new Error(`${variable} names ${told}, which does not exist.`);
    return told;
  }
  const installed = fileURLToPath(new URL(`../../../.cache/agents/node_modules/.bin/${name}`, import.meta.url));
  return existsSync(installed) ? installed : null;
}
