import type { Workspace } from '../workspace/workspace.js';
import type { Instructions } from './prompt.js';

const FILES = ['AGENTS.md', 'CLAUDE.md'];
const MAX_CHARACTERS = 60_000;

/** The project's own instructions to agents, from the commit that the work starts from. The same text twice is given once. */
export async function readInstructions({ repository }: Workspace): Promise<Instructions[]> {
  if (!repository) return [];
  const { main, base } = repository;
  const found: Instructions[] = [];
  for (const path of FILES) {
    const shown = await main.attempt(['cat-file', 'blob', `${base}:${path}`]);
    const text = shown.stdout.slice(0, MAX_CHARACTERS);
    if (shown.exitCode === 0 && text.trim() !== '' && !found.some((other) => other.text === text))
      found.push({ path, text });
  }
  return found;
}
