import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A new folder, and how to get rid of it. */
export function createTempDir(): { path: string; remove(): void } {
  const path = mkdtempSync(join(tmpdir(), 'signalbox-kernel-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}
