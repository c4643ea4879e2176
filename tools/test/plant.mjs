import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

/** Writes a small repository for the time of `use`: path to text, or to a value that becomes JSON. */
export function withTree(files, use) {
  const root = mkdtempSync(join(tmpdir(), 'signalbox-tools-'));
  try {
    for (const [path, content] of Object.entries(files)) {
      const file = join(root, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    }
    return use(root);
  } finally {
    rmSync(root, { recursive: true, force: true });
  }
}
