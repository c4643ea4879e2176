import { isSignalboxError, messageOf } from '@signalbox/kernel';
import { CommanderError } from 'commander';
import { EXIT, exitCodeOf } from './exit-codes.js';
import type { Io } from './io.js';
import { createProgram } from './program.js';
import { safeText } from './terminal/safe-text.js';

/** Runs one command line to its end and returns the exit code. Never throws. */
export async function runCli(argv: readonly string[], io: Io): Promise<number> {
  const state = { exitCode: EXIT.done as number };
  const json = argv.includes('--json');
  try {
    const setExit = (code: number): void => {
      state.exitCode = code;
    };
    const line = commonOptionsLast(argv);
    await createProgram(io, setExit, runCli, line).parseAsync(line, { from: 'user' });
    return state.exitCode;
  } catch (error) {
    return report(error, io, json);
  }
}

/** Lets `--json` and `--root` stand in front of the command as well, where they read better in a script. */
function commonOptionsLast(argv: readonly string[]): string[] {
  const rest = [...argv];
  const moved: string[] = [];
  for (let first = rest[0]; first === '--json' || first?.startsWith('--root'); first = rest[0]) {
    moved.push(...rest.splice(0, first === '--root' ? 2 : 1));
  }
  return rest.length > 0 ? [...rest, ...moved] : moved;
}

interface Told {
  code: string;
  message: string;
  hint?: string;
  details?: unknown;
}

function report(error: unknown, io: Io, json: boolean): number {
  if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
  const told = orInterrupted(tell(error), io);
  if (json) {
    io.stderr.write(`${JSON.stringify({ error: told })}\n`);
  } else {
    io.stderr.write(safeText(`${told.message}\n${told.hint ? `${told.hint}\n` : ''}`));
  }
  return error instanceof CommanderError ? EXIT.usage : exitCodeOf(told.code);
}

/** Ctrl-C ends the git that we wait for as well; what that complains of then is no fault. */
function orInterrupted(told: Told, io: Io): Told {
  if (!io.signal.aborted || exitCodeOf(told.code) !== EXIT.internal) return told;
  return {
    code: 'INTERRUPTED',
    message: 'Interrupted.',
    hint: 'Nothing of it runs any more; `signalbox status` says what was left in which state.',
    details: { reason: told.message },
  };
}

function tell(error: unknown): Told {
  if (error instanceof CommanderError) return fromCommander(error);
  if (isSignalboxError(error)) {
    const { code, message, hint, details } = error;
    return { code, message, ...(hint ? { hint } : {}), ...(details ? { details } : {}) };
  }
  const stack = error instanceof Error && error.stack ? `\n${error.stack}` : '';
  return {
    code: 'INTERNAL',
    message: `Signalbox failed in a way it should not: ${messageOf(error)}`,
    hint: `Please report this.${stack}`,
  };
}

function fromCommander(error: CommanderError): Told {
  if (error.code === 'commander.help') {
    return { code: 'USAGE', message: 'A command is missing.', hint: 'Choose one from the list above.' };
  }
  const [what = '', suggestion] = error.message.replace(/^error: /, '').split('\n');
  const sentence = `${what.charAt(0).toUpperCase()}${what.slice(1)}`;
  const message = /[.?]$/.test(sentence) ? sentence : `${sentence}.`;
  const hint = suggestion?.replace(/^\(|\)$/g, '') ?? 'See the command with --help.';
  return { code: 'USAGE', message, hint };
}
