import { CliError, usage } from '../errors.js';
import { type Io, readLine } from '../io.js';
import { wrapText } from './wrap-text.js';

export interface Agreement {
  /** What is agreed to. */
  about: string;
  question: string;
  /** The command that shows it where nobody can be asked. */
  look: string;
}

/** Asks a person at the terminal. Throws `USAGE` for a no, and where nobody is there; `INTERRUPTED` for Ctrl-C. */
export async function agree(io: Io, { about, question, look }: Agreement): Promise<void> {
  if (!io.isTerminal) throw usage('Nobody is here to agree.', `Look with \`${look}\`, then add --yes.`);
  io.stderr.write(`${wrapText(about, io.columns, 2)}\n${question} [y/N] `);
  const answer = await readLine(io);
  const hint = 'Nothing was changed.';
  if (io.signal.aborted) throw new CliError({ code: 'INTERRUPTED', message: 'Interrupted.', hint });
  if (!/^\s*y(es)?\s*$/i.test(answer ?? '')) throw usage('Nobody agreed to that.', hint);
}
