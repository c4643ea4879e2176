import { createRawLines, type Redactor, type Trace } from '@signalbox/audit';

/** What an agent says, on its way to the trace and to whoever watches. */
export interface AgentTexts {
  push(text: string): void;
  /** Puts what was said so far into the trace: before anything else goes there. */
  flush(): void;
  /** Tells what was held back, too. */
  end(): void;
}

/** UTF-16 code units, after which what was said is put into the trace: a record for each line would cost more than the line. */
const MAX_WAITING = 8_192;

/**
 * Redacts texts. A program's output comes line by line, and a private key has several: lines that may be part of one are held
 * back until it is known what they are. `tell` gets each text as soon as it is clean.
 */
export function createAgentTexts(
  redactor: Redactor,
  trace: Pick<Trace, 'write'>,
  tell: (text: string) => void,
): AgentTexts {
  const lines = createRawLines(redactor);
  let waiting: string[] = [];
  let size = 0;
  const flush = (): void => {
    if (waiting.length === 0) return;
    trace.write('event', { parsed: { type: 'text', text: waiting.join('\n') } });
    waiting = [];
    size = 0;
  };
  const take = (clean: readonly string[]): void => {
    if (clean.length === 0) return;
    const text = clean.join('\n');
    tell(text);
    waiting.push(text);
    size += text.length;
    if (size > MAX_WAITING) flush();
  };
  return {
    // A text of several lines is redacted as a whole first: a name and what is assigned to it may be on two.
    push: (text) => take(lines.push(`${text.includes('\n') ? redactor.text(text) : text}\n`)),
    flush,
    end() {
      take(lines.end());
      flush();
    },
  };
}
