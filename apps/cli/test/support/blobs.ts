import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Project } from './project.js';

/** Puts so many blobs of 64 KiB into a project's store, so that copying it takes time. */
export function createBlobs(project: Project, count: number): void {
  for (let n = 0; n < count; n++) {
    const content = Buffer.alloc(64 * 1024, `${n} `);
    const hex = createHash('sha256').update(content).digest('hex');
    const folder = join(project.root, '.ai/state/blobs/sha256', hex.slice(0, 2));
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, hex.slice(2)), content);
  }
}
