/** What is taken from the YAML block below a test point. The rest is for people. */
export interface TapDiagnostic {
  durationMs?: number;
  /** Node marks suites by `type: 'suite'`. */
  type?: string;
  file?: string;
  message?: string;
}

const MEMBER = /^(duration_ms|type|error|message|location|file):\s*(.*)$/;
const MAX_MESSAGE_LINES = 50;

/**
 * Picks single values out of the lines of a block, whose own indentation is cut off. It is no YAML parser, on purpose: anchors,
 * tags and whatever else a report may hold are never evaluated.
 */
export function readDiagnostic(lines: readonly string[]): TapDiagnostic {
  const diagnostic: TapDiagnostic = {};
  for (const [i, line] of lines.entries()) {
    const [, name, value = ''] = MEMBER.exec(line) ?? [];
    if (name === 'duration_ms') {
      const duration = Number(value);
      if (value !== '' && Number.isFinite(duration) && duration >= 0) diagnostic.durationMs = duration;
    } else if (name === 'type') diagnostic.type = unquote(value);
    else if (name === 'file') diagnostic.file ??= unquote(value);
    // Node: the path, the line and the column.
    else if (name === 'location') diagnostic.file ??= unquote(value).replace(/(?::\d+){1,2}$/, '');
    else if (name !== undefined) diagnostic.message ??= /^[|>]/.test(value) ? blockAfter(lines, i) : unquote(value);
  }
  return diagnostic;
}

function blockAfter(lines: readonly string[], at: number): string {
  const block: string[] = [];
  for (const line of lines.slice(at + 1, at + 1 + MAX_MESSAGE_LINES)) {
    if (line !== '' && !line.startsWith(' ')) break;
    block.push(line.trim());
  }
  return block.join('\n').trim();
}

function unquote(value: string): string {
  const inner = /^'(.*)'$/s.exec(value)?.[1];
  if (inner !== undefined) return inner.replaceAll("''", "'");
  return /^"(.*)"$/s.exec(value)?.[1] ?? value;
}
