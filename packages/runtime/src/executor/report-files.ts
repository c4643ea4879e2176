import { AuditError, type FileFacts } from '@signalbox/audit';
import { isSignalboxError, type SignalboxError } from '@signalbox/kernel';
import { matchesGlob, parseGlob } from '@signalbox/rules/glob';
import { isNoWork } from './listed-change.js';

/** A file that the project wants collected, by what it is. */
export interface WantedFile<Format extends string> {
  format: Format;
  path: string;
}

/** How a file stands, or why that cannot be told. */
export type FoundFile<Format extends string> = WantedFile<Format> & ({ facts: FileFacts } | { fault: SignalboxError });

const MAX_FILES = 1_000;

/** The files in `folder` that the project wants, by their paths. What cannot be looked at is among them, with its fault. */
export async function findFiles<Format extends string>(
  folder: string,
  wanted: readonly WantedFile<Format>[],
): Promise<Map<string, FoundFile<Format>>> {
  const found = new Map<string, FoundFile<Format>>();
  if (wanted.length === 0) return found;
  const { fileFacts, walkFolder } = await import('@signalbox/audit/collectors');
  const globs = wanted.map(({ format, path }) => ({ format, glob: parseGlob(path) }));
  const look = async (place: WantedFile<Format>, step: () => Promise<void>): Promise<void> => {
    try {
      await step();
    } catch (error) {
      if (!isSignalboxError(error)) throw error;
      found.set(place.path, { ...place, fault: error });
    }
  };
  await look({ format: (wanted[0] as WantedFile<Format>).format, path: '.' }, async () => {
    for (const { path } of walkFolder(folder, isNoWork)) {
      const match = globs.find(({ glob }) => matchesGlob(glob, path));
      if (!match) continue;
      if (found.size >= MAX_FILES) throw tooMany();
      const { format } = match;
      await look({ format, path }, async () => {
        const facts = await fileFacts(folder, path);
        if (facts) found.set(path, { format, path, facts });
      });
    }
  });
  return found;
}

function tooMany(): AuditError {
  return new AuditError({
    code: 'COLLECT_FAILED',
    message: `More than ${MAX_FILES} files match what \`evidence:\` in .ai/config.yaml names.`,
    hint: 'Name them more closely.',
  });
}

/** Those that are not as they were. */
export function changedFiles<Format extends string>(
  before: ReadonlyMap<string, FoundFile<Format>>,
  after: ReadonlyMap<string, FoundFile<Format>>,
): FoundFile<Format>[] {
  return [...after.values()].filter((file) => !isSame(before.get(file.path), file));
}

/** How the file stood, for the judgement of what came after. */
export function factsOf<Format extends string>(file: FoundFile<Format> | undefined): FileFacts | null {
  return file && 'facts' in file ? file.facts : null;
}

function isSame<Format extends string>(a: FoundFile<Format> | undefined, b: FoundFile<Format>): boolean {
  if (!a) return false;
  if ('fault' in a || 'fault' in b) return 'fault' in a && 'fault' in b;
  return a.facts.digest === b.facts.digest && a.facts.modifiedAt === b.facts.modifiedAt;
}
