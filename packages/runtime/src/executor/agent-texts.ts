import { createRawLines, type Redactor } from '@signalbox/audit';

/**
 * What an agent says, redacted. A program's output comes line by line, and a private key has several: lines that may be part
 * of one are held back until it is known what they are.
 */
export interface AgentTexts {
  /** What can be told by now. */
  push(text: string): string[];
  /** What is left. */
  end(): string[];
}

export function createAgentTexts(redactor: Redactor): AgentTexts {
  const lines = createRawLines(redactor);
  return { push: (text) => lines.push(`${redactor.text(text)}\n`), end: () => lines.end() };
}
