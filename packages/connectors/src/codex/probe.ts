import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { askProgram } from '../ask-program.js';
import type { ConnectorCapabilities, ProbeContext, ProbeReport } from '../contract.js';
import { findProgram } from '../find-program.js';
import { programProblems, versionIn } from '../program-problems.js';
import { programOf } from './arguments.js';
import { loginState } from './login.js';
import { sandboxOf } from './settings.js';

// Milliseconds for each of the two questions; each takes a tenth of a second.
const QUESTION_MS = 4500;

/** Looks for the program, asks its version and whether its sandbox works, and looks whether it can log in. */
export async function probeCodex(context: ProbeContext, most: ConnectorCapabilities): Promise<ProbeReport> {
  const { config, environment } = context;
  const name = programOf(config);
  const program = findProgram(name, environment);
  const { version, sandboxFault, holds } = program ? await askCodex(program, context) : NOTHING_KNOWN;
  const login = loginState(config, environment);
  const problems = programProblems({ name, program, version, install: 'npm install -g @openai/codex' });
  if (sandboxFault !== null) {
    const hint =
      'Allow unprivileged user namespaces; in a container, allow it to create them. Without, codex cannot work.';
    problems.push({ message: `The sandbox of codex does not work on this machine (${sandboxFault}).`, hint });
  }
  if (login === 'missing') {
    const hint =
      'Set OPENAI_API_KEY, or set "configDir" to a folder of its own and run `CODEX_HOME=<that folder> codex login`.';
    problems.push({ message: 'codex has no log-in: agents do not use the one in your home folder.', hint });
  }
  return {
    installed: version !== null,
    ...(program ? { program } : {}),
    ...(version === null ? {} : { version }),
    login,
    capabilities: most,
    ...(version !== null && holds ? { sandbox: sandboxOf(config) } : {}),
    problems,
  };
}

interface Answers {
  version: string | null;
  /** What the sandbox said when it could not be set up. */
  sandboxFault: string | null;
  /** Whether a command could be run in it. */
  holds: boolean;
}

const NOTHING_KNOWN: Answers = { version: null, sandboxFault: null, holds: false };

/** Codex writes into its folder whatever it is asked, so it is given one that is deleted again. */
async function askCodex(program: string, { environment, clock }: ProbeContext): Promise<Answers> {
  const home = temporaryFolder(environment);
  if (home === null) return NOTHING_KNOWN;
  // Where bubblewrap is installed, codex needs a helper that it does not put below the temporary folder.
  const own = { HOME: home, CODEX_HOME: home, TMPDIR: join(home, 'tmp') };
  const question = { environment: { ...environment, ...own }, clock, timeoutMs: QUESTION_MS };
  const ask = (args: readonly string[]) => askProgram(program, args, question);
  try {
    const [told, tried] = await Promise.all([ask(['--version']), ask(['sandbox', 'true'])]);
    const version = told.ended ? versionIn(told.text) : null;
    const sandboxFault = tried.ended ? null : (/^bwrap: .*/m.exec(tried.text)?.[0] ?? null);
    return { version, sandboxFault, holds: tried.ended };
  } finally {
    rmSync(home, { recursive: true, force: true, maxRetries: 3 });
  }
}

function temporaryFolder(environment: Record<string, string>): string | null {
  try {
    const home = mkdtempSync(join(environment['TMPDIR'] || '/tmp', 'signalbox-codex-'));
    mkdirSync(join(home, 'tmp'));
    return home;
  } catch {
    return null;
  }
}
