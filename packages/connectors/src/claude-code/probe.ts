import type { Clock } from '@signalbox/kernel';
import { askProgram } from '../ask-program.js';
import type { ConnectorCapabilities, ProbeContext, ProbeReport } from '../contract.js';
import { findProgram } from '../find-program.js';
import { programProblems, versionIn } from '../program-problems.js';
import { programOf } from './arguments.js';

const PROBE_MS = 10_000;

/** Variables by which claude logs in when it has a configuration folder of its own. */
export const LOGIN_VARIABLES = ['ANTHROPIC_API_KEY', 'ANTHROPIC_AUTH_TOKEN', 'CLAUDE_CODE_OAUTH_TOKEN'] as const;

/** Looks for the program, asks its version and looks whether it can log in; talks to nobody. */
export async function probeClaude(context: ProbeContext, most: ConnectorCapabilities): Promise<ProbeReport> {
  const { config, environment, clock } = context;
  const name = programOf(config);
  const program = findProgram(name, environment);
  const version = program ? await versionOf(program, environment, clock) : null;
  const loggedIn = LOGIN_VARIABLES.some((variable) => (environment[variable] ?? '') !== '');
  const problems = programProblems({ name, program, version, install: 'npm install -g @anthropic-ai/claude-code' });
  if (!loggedIn) {
    const hint =
      'Set ANTHROPIC_API_KEY, or run `claude setup-token` and set CLAUDE_CODE_OAUTH_TOKEN to what it prints.';
    problems.push({ message: 'claude has no log-in: agents do not use the one in your home folder.', hint });
  }
  return {
    installed: version !== null,
    ...(program ? { program } : {}),
    ...(version === null ? {} : { version }),
    login: loggedIn ? 'ready' : 'missing',
    capabilities: most,
    problems,
  };
}

async function versionOf(program: string, environment: Record<string, string>, clock: Clock): Promise<string | null> {
  const question = { environment: { ...environment, DISABLE_AUTOUPDATER: '1' }, clock, timeoutMs: PROBE_MS };
  const { ended, text } = await askProgram(program, ['--version'], question);
  return ended ? versionIn(text) : null;
}
