import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { objectAt, parseLine, textAt } from '../claude-code/json-access.js';
import { fileTail } from '../process/file-tail.js';
import { type Tokens, tokensOf } from './tokens.js';

// A count is written after each answer of the model; what a tool then puts out is cut by codex at some 40 kB.
const TAIL_BYTES = 1024 * 1024;

/**
 * What a thread has used since its beginning, by codex's own record of it in `home`; null when there is no such record. Needed
 * because a resumed thread counts on from there, and because a run that fails or is stopped tells nothing on its output.
 */
export function tokensOfSession(home: string, session: string): Tokens | null {
  const file = recordOfSession(home, session);
  return file === null ? null : lastCount(fileTail(file, TAIL_BYTES));
}

/** The file that codex keeps of a thread; null when there is none. */
export function recordOfSession(home: string, session: string): string | null {
  try {
    const sessions = join(home, 'sessions');
    const files = readdirSync(sessions, { recursive: true, encoding: 'utf8' });
    const file = files.find((path) => path.endsWith(`-${session}.jsonl`));
    return file === undefined ? null : join(sessions, file);
  } catch {
    return null; // nothing was kept yet
  }
}

function lastCount(text: string): Tokens | null {
  for (const line of text.split('\n').reverse()) {
    if (!line.includes('"token_count"')) continue;
    const payload = objectAt(parseLine(line), 'payload');
    const tokens = tokensOf(objectAt(objectAt(payload, 'info'), 'total_token_usage'));
    if (textAt(payload, 'type') === 'token_count' && tokens) return tokens;
  }
  return null;
}
