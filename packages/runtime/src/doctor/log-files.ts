import { existsSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { listSegments, restoreRemains } from '@signalbox/audit';
import { type Clock, messageOf } from '@signalbox/kernel';
import { keyFiles, readVerifiers } from '../ledger/keys.js';
import type { ProjectPaths } from '../project/paths.js';
import { askStore } from './ask-store.js';
import type { Finding } from './examine.js';

/** Bits of a file's mode that let others than its owner at it. */
const OTHERS = 0o077;

/** The private keys: there, readable, and by nobody else. */
export function keyFinding(paths: ProjectPaths): Finding {
  const files = keyFiles(paths);
  if (!existsSync(paths.signingKey)) {
    const hint =
      'Put it back from a backup made with --with-keys. A new one is made only for a log that was never signed.';
    return { name: 'key', state: 'warn', text: 'there is no key to sign the ledger with', hint };
  }
  try {
    readVerifiers(paths);
  } catch (error) {
    return { name: 'key', state: 'bad', text: messageOf(error), hint: 'Put the file back from a backup.' };
  }
  const open = process.platform === 'win32' ? undefined : files.find((file) => (statSync(file).mode & OTHERS) !== 0);
  if (open !== undefined) {
    return { name: 'key', state: 'bad', text: `others can read ${open}`, hint: `Run \`chmod 600 ${open}\`.` };
  }
  const replaced = files.length - 1;
  return { name: 'key', state: 'good', text: replaced === 0 ? 'never replaced' : `replaced ${replaced} times` };
}

/** Sealed segments that are gone, and what restores have left. Nothing to say when all is as it should be. */
export async function remainsFindings(paths: ProjectPaths, clock: Clock): Promise<Finding[]> {
  const { kept, unfinished } = restoreRemains(paths.state);
  const missing = await missingSegments(paths, clock);
  const findings: Finding[] = [];
  if (missing.length > 0) {
    const text = `sealed segments are gone: ${missing.join(', ')}`;
    findings.push({ name: 'segments', state: 'bad', text, hint: 'Put the files back from a backup.' });
  }
  if (unfinished.length > 0) {
    const text = `a restore did not end: ${unfinished.map((path) => basename(path)).join(', ')}`;
    findings.push({
      name: 'restore',
      state: 'warn',
      text,
      hint: 'It changed nothing; the next restore clears it away.',
    });
  }
  if (kept.length > 0) {
    const text = `states from before a restore: ${kept.map((path) => basename(path)).join(', ')}`;
    findings.push({ name: 'restore', state: 'warn', text, hint: 'Remove them when you need nothing from them.' });
  }
  return findings;
}

async function missingSegments(paths: ProjectPaths, clock: Clock): Promise<string[]> {
  if (!existsSync(paths.database)) return [];
  const files = await askStore(paths, clock, ({ db }) => listSegments(db).map(({ file }) => file));
  return (files ?? []).filter((file) => !existsSync(join(paths.segments, file)));
}
