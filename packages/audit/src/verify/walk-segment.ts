import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readLineChunks } from '../ledger/line-file.js';
import type { Segment } from '../ledger/segment.js';
import { walkLines } from './pass-lines.js';
import type { Finding } from './report.js';
import type { Walk } from './walk.js';

/** Takes the entries of a sealed segment into the walk. Returns what is wrong with the file besides its entries. */
export function walkSegment(walk: Walk, folder: string, segment: Segment): Finding | undefined {
  const { first, last, file } = segment;
  const path = join(folder, file);
  const named = (kind: Finding['kind'], what: string, firstBad?: number): Finding => ({
    kind,
    reason: `The sealed segment ${file} with entries ${first} to ${last} ${what}.`,
    segment: file,
    ...(firstBad === undefined ? {} : { firstBad }),
  });
  if (!existsSync(path)) return named('missing', 'is not there', first);
  let left = last - first + 1;
  let rest = '';
  for (const { bytes, end, torn } of readLineChunks(path)) {
    const before = walk.entries;
    // What is torn is no entry, whatever is left of it.
    const start = torn ? 1 : walkLines(walk, bytes, end, left);
    left -= walk.entries - before;
    if (start <= end) rest += `${bytes.toString('utf8', start, end)}${torn ? '' : '\n'}`;
    if (rest.length > segment.closing.length + 1) break;
  }
  if (left > 0) return named('truncated', `ends after entry ${last - left}`, last - left + 1);
  return rest === `${segment.closing}\n` ? undefined : named('edited', 'does not end with its own checkpoint');
}
