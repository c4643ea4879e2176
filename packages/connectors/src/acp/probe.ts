import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { messageOf, randomToken } from '@signalbox/kernel';
import type { ConnectorCapabilities, ProbeContext, ProbeReport } from '../contract.js';
import { findProgram } from '../find-program.js';
import { makePrivateFolders } from '../private-folders.js';
import { createProcessRunner } from '../process/runner.js';
import type { RunningProcess } from '../process/types.js';
import { agentEnvironment } from './agent-folders.js';
import { argvOf } from './argv.js';
import { openLink } from './link.js';
import { listen } from './listen.js';
import { METHOD_NOT_FOUND } from './rpc-error.js';
import { type AgentInfo, type Broken, initialize, isBroken } from './session.js';

// Milliseconds: to answer, and then to end in each of two steps, which together stay below ten seconds.
const ANSWER_MS = 8000;
const STOP_GRACE_MS = 500;

/**
 * Starts the agent in folders of its own that are deleted again, and asks what it can do; no session is opened, so nobody is
 * talked to. Whether it can log in, the protocol does not tell.
 */
export async function probeAcp(context: ProbeContext, most: ConnectorCapabilities): Promise<ProbeReport> {
  const { config, environment } = context;
  const [name] = argvOf(config);
  const program = name === undefined ? null : findProgram(name, environment);
  const told = program === null ? null : await askAgent(context);
  const info = told && !isBroken(told) ? told : null;
  return {
    installed: info !== null,
    ...(program === null ? {} : { program }),
    ...(info?.version ? { version: info.version } : {}),
    login: 'unknown',
    capabilities: {
      ...most,
      approvals: config['asks'] === true,
      resume: info !== null && (info.canLoad || info.canResume),
    },
    problems: problemsOf(name, program, told),
  };
}

function problemsOf(
  name: string | undefined,
  program: string | null,
  told: AgentInfo | Broken | null,
): ProbeReport['problems'] {
  if (name === undefined) {
    const hint = 'Register one with its command line: `--connector acp --config \'argv=["program","argument"]\'`.';
    return [{ message: 'No agent is named.', hint }];
  }
  if (program === null) {
    return [{ message: `The program ${name} was not found.`, hint: 'Install it, or give its absolute path in argv.' }];
  }
  if (told === null || !isBroken(told)) return [];
  const why = told.failure?.message ?? 'it ended, or did not answer in time';
  const hint = 'Check that argv starts it as an agent of the Agent Client Protocol, on its standard input and output.';
  return [{ message: `${program} did not answer as an agent: ${why}.`.replace(/\.\.$/, '.'), hint }];
}

async function askAgent({ config, environment, clock }: ProbeContext): Promise<AgentInfo | Broken> {
  const processes = createProcessRunner({ clock, supervisor: false, stopGraceMs: STOP_GRACE_MS });
  let place: string | null = null;
  try {
    place = mkdtempSync(join(environment['TMPDIR'] ?? tmpdir(), 'signalbox-probe-'));
    const folders = { home: join(place, 'home'), temporary: join(place, 'tmp') };
    makePrivateFolders(Object.values(folders));
    const child = await processes.spawn({
      argv: argvOf(config),
      cwd: place,
      environment: agentEnvironment(environment, folders),
      marker: { attempt: randomToken('probe'), ai: 'probe' },
      stdin: 'pipe',
    });
    const cancel = clock.after(ANSWER_MS, () => void child.stop('It did not answer.'));
    try {
      return await introduce(child);
    } finally {
      cancel();
      await child.stop('It has told what was asked.');
    }
  } catch (error) {
    return { failure: { class: 'crashed', message: messageOf(error) } };
  } finally {
    await processes.close();
    if (place !== null) rmSync(place, { recursive: true, force: true });
  }
}

async function introduce(child: RunningProcess): Promise<AgentInfo | Broken> {
  const link = await openLink({
    send: (line) => void child.stdin?.write(`${line}\n`),
    serve: async () => ({ error: { code: METHOD_NOT_FOUND, message: 'There is no session.' } }),
  });
  const ignore = { raw() {}, redact: (text: string) => text, onSign() {}, async onUpdate() {} };
  void listen(child, link, ignore)
    .catch(() => {})
    .then(link.close);
  return initialize(link);
}
