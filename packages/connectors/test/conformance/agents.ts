import { fileURLToPath } from 'node:url';
import { type ConformanceSubject, conformanceCases } from '../../src/conformance/index.js';

/** The absolute path of a stand-in in the folder `agents`. */
export function standIn(name: 'claude' | 'codex' | 'plain'): string {
  return fileURLToPath(new URL(`agents/${name}-agent.mjs`, import.meta.url));
}

/** The names of all cases but those that a connector is known to fail and that are still to be mended. */
export function allBut(subject: ConformanceSubject, open: readonly string[]): string[] {
  const names = conformanceCases(subject).map(({ name }) => name);
  const unknown = open.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`There is no case ${unknown.join(', ')}.`);
  return names.filter((name) => !open.includes(name));
}
