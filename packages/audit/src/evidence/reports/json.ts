import type * as z from 'zod';
import { refuse } from './refuse.js';
import { type ReportSource, textOf } from './source.js';
import type { ReportLimits } from './test-report.js';

/** Reads a JSON report and checks its shape. Depth is checked before the text is parsed. */
export async function readJsonReport<Schema extends z.ZodType>(
  source: ReportSource,
  schema: Schema,
  limits: ReportLimits,
): Promise<z.infer<Schema>> {
  let text = '';
  for await (const piece of textOf(source, limits)) text += piece;
  const parsed = schema.safeParse(parseJson(text.replace(/^\uFEFF/, ''), limits.depth));
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  const path = issue?.path.join('.') || 'the top';
  throw refuse('REPORT_MALFORMED', `The report is not of this format at ${path}: ${issue?.message ?? 'invalid'}`);
}

function parseJson(text: string, maxDepth: number): unknown {
  const open = openAtEnd(text, maxDepth);
  try {
    return JSON.parse(text);
  } catch (error) {
    if (open || text.trim() === '') throw refuse('REPORT_TRUNCATED', 'The JSON of the report is cut off', error);
    throw refuse('REPORT_MALFORMED', 'The report is not JSON', error);
  }
}

/** Whether the text ends within a string, a list or an object. Throws `REPORT_FORBIDDEN` when it nests too deep. */
function openAtEnd(text: string, maxDepth: number): boolean {
  let depth = 0;
  let inString = false;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (inString) {
      if (code === BACKSLASH) i += 1;
      else if (code === QUOTE) inString = false;
    } else if (code === QUOTE) inString = true;
    else if (code === OPEN_LIST || code === OPEN_OBJECT) depth += 1;
    else if (code === CLOSE_LIST || code === CLOSE_OBJECT) depth -= 1;
    if (depth > maxDepth) throw refuse('REPORT_FORBIDDEN', `The report nests deeper than ${maxDepth} levels`);
  }
  return inString || depth > 0;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
